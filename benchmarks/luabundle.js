// Bundles main.lua of a folder with the npm package luabundle, and writes the bundle.
// Arguments: the folder that holds node_modules, the program's folder, the output.
const fs = require('node:fs');
const { createRequire } = require('node:module');

const [installed, program, output] = process.argv.slice(2);
const { bundle } = createRequire(`${installed}/`)('luabundle');
fs.writeFileSync(output, bundle(`${program}/main.lua`, {
  luaVersion: '5.3', paths: [`${program}/?.lua`], metadata: false,
}));
