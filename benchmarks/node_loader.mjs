// Pings the real aos module under @permaweb/ao-loader as it is shipped; prints messages per second.
// usage: node --experimental-wasm-memory64 node_loader.mjs LOADER-FOLDER MODULE.wasm MESSAGES.json
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"

const [folder, modulePath, messagesPath] = process.argv.slice(2)
const AoLoader = createRequire(`${folder}/`)("@permaweb/ao-loader")
const { env, messages } = JSON.parse(readFileSync(messagesPath, "utf8"))
const handle = await AoLoader(readFileSync(modulePath), { format: "wasm64-unknown-emscripten-draft_2024_02_15" })

let memory = null
for (const message of messages.slice(0, 3)) memory = (await handle(memory, message, env)).Memory
const timed = messages.slice(3)
const start = performance.now()
for (const message of timed) {
  const result = await handle(memory, message, env)
  if (result.Error || result.Messages.length !== 1) throw new Error(JSON.stringify(result.Error))
  memory = result.Memory
}
console.log(timed.length / ((performance.now() - start) / 1000))
