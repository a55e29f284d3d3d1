// What a plain deploy script does: spawn each process in turn, then give each its code and read the result.
// usage: node deploy.mjs FOLDER-OF-AOCONNECT ASKED.json; prints the process ids.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, file] = process.argv.slice(2);
const entry = `${folder}/node_modules/@permaweb/aoconnect/dist/index.js`; // its CommonJS build lacks the mainnet mode
const { connect, createSigner } = await import(pathToFileURL(entry));
const { network, wallet, processes, module, scheduler, authority } = JSON.parse(readFileSync(file, "utf8"));
const signer = createSigner(JSON.parse(readFileSync(wallet, "utf8")));
const ao = connect({ ...network, signer });

const ids = [];
for (const { name } of processes) {
  const tags = [{ name: "Name", value: name }, { name: "Authority", value: authority }];
  ids.push(await ao.spawn({ module, scheduler, authority, signer, tags }));
}
for (const [index, { code }] of processes.entries()) {
  const tags = [{ name: "Action", value: "Eval" }];
  const message = await ao.message({ process: ids[index], signer, tags, data: readFileSync(code, "utf8") });
  const result = await ao.result({ process: ids[index], message });
  if (result.Error) throw new Error(`${processes[index].name}: ${JSON.stringify(result.Error)}`);
}
console.log(JSON.stringify(ids));
