// node decode.mjs <what> <path> <folder>: does it once, and prints what it took as JSON.
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { peakBytes } from '../../support/peak.mjs';

const [what = '', path = '', folder = ''] = process.argv.slice(2);

/** @type {Readonly<Record<string, () => Promise<() => unknown>>>} */
const WORK = {
  /** Decoded, and all its attachments written. */
  decode: async () => {
    const { decodeEnvelope } = await import('@lanceur/adullact');
    return async () => {
      const { documents } = await decodeEnvelope(path, { folder });
      if (documents.length < 2) throw new Error('nothing was unpacked');
    };
  },
  'decode-all': async () => {
    const { decodeEnvelope } = await import('@lanceur/adullact');
    return async () => {
      for (const name of readdirSync(path)) {
        const envelope = await decodeEnvelope(join(path, name), { folder });
        if (envelope.documents.length !== 3) throw new Error(`${name}: ${String(envelope.documents.length)}`);
        await envelope.close();
      }
    };
  },
  /** The attachments found and not decoded, the rest parsed. */
  read: async () => {
    const dist = new URL('../../../packages/adullact/dist/xml/', import.meta.url);
    const { Lifter } = await import(new URL('lifter.js', dist).href);
    const { treeOf } = await import(new URL('tree.js', dist).href);
    return async () => {
      const nothing = () => {};
      const lifts = new Map([['Fichier', 'Contenu']]);
      const events = {
        concerns: () => true,
        root: () => lifts,
        begin: nothing,
        content: nothing,
        end: nothing,
      };
      const lifter = new Lifter(path, events, { depth: 64, nodes: 2e6, xmlBytes: 1e8, textBytes: 1e8 });
      for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) lifter.push(chunk);
      treeOf(lifter.end().toString('latin1'), { name: path, depth: 64 });
    };
  },
  'fast-xml-parser': async () => {
    const { XMLParser } = await import(
      new URL('../../../packages/adullact/node_modules/fast-xml-parser/src/fxp.js', import.meta.url).href
    );
    return () =>
      new XMLParser({ ignoreAttributes: false, parseTagValue: false }).parse(readFileSync(path, 'latin1'));
  },
};

const work = await WORK[what]?.();
if (work === undefined) throw new Error(`unknown: ${what}`);
const cpu = process.cpuUsage();
const start = performance.now();
await work();
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, peakBytes: peakBytes() }));
