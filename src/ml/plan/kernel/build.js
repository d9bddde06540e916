/** Compiles assembly/ to kernel.wasm.ts: `npm run build:kernel`, after every change there. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const here = fileURLToPath(new URL('.', import.meta.url));

const OPTIONS = [
  ...['assembly/index.ts', '--baseDir', here, '--outFile', 'kernel.wasm', '-O3', '--converge'],
  ...['--runtime', 'stub', '--enable', 'simd', '--noAssert', '--noExportMemory', '--importMemory'],
  ...['--bindings', 'raw'],
];

/** Returns the text of kernel.wasm.ts: the same sources give the same bytes on any machine. */
export async function kernelModule() {
  const written = {};
  const { error, stderr } = await asc.main(OPTIONS, {
    writeFile: (name, contents) => {
      written[name] = contents;
    },
  });
  if (error) throw new Error(`${error.message}\n${stderr}`);
  const functions = String(written['kernel.d.ts']).matchAll(/export function (\w+\(.*\): \w+;)/g);
  const lines = Buffer.from(written['kernel.wasm'])
    .toString('base64')
    .match(/.{1,110}/g);
  return [
    '// Generated from assembly/ by build.js (npm run build:kernel). Do not edit.',
    '/** The functions of assembly/, where each is described. Pointers are byte addresses. */',
    'export interface Kernel {',
    ...Array.from(functions, ([, signature]) => `  ${signature}`),
    '}',
    'export const KERNEL_WASM =',
    `${lines.map((line) => `  '${line}'`).join(' +\n')};`,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await kernelModule();
  writeFileSync(`${here}kernel.wasm.ts`, text);
  console.log(`kernel.wasm.ts: ${text.length} characters`);
}
