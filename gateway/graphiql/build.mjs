// Bundles src/ and the editor's workers, compresses them and gathers the licences of all that went in.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

import { build } from 'esbuild';

const OUTPUT = 'dist';
const ENTRIES = {
  graphiql: 'src/main.jsx',
  'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
  'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
  'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
};

const { outputFiles, metafile } = await build({
  entryPoints: ENTRIES,
  bundle: true,
  define: { 'process.env.NODE_ENV': '"production"' },
  format: 'iife',
  jsx: 'automatic',
  legalComments: 'none',
  loader: { '.ttf': 'dataurl' },
  metafile: true,
  minify: true,
  outdir: OUTPUT,
  target: 'es2022',
  write: false,
});

rmSync(OUTPUT, { recursive: true, force: true });
mkdirSync(OUTPUT);
for (const { path, contents } of outputFiles) {
  store(path.split('/').pop(), contents);
}
store('LICENSES.txt', licences(Object.keys(metafile.inputs)));

function store(name, contents) {
  const compressed = brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_LGWIN]: 22 } });
  writeFileSync(join(OUTPUT, `${name}.br`), compressed);
  console.log(`${name}: ${contents.length} bytes, ${compressed.length} compressed`);
}

// One entry per package that a bundled file comes from.
function licences(inputs) {
  const folders = inputs.map((input) => input.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1]);
  const entries = [...new Set(folders.filter(Boolean))].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${license}`;
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return Buffer.from(entries.join(`\n${'-'.repeat(80)}\n\n`));
}
