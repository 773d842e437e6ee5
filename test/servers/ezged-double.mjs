// node test/servers/ezged-double.mjs --dir <folder> [--port 8080] [--user admin] [--password admin] [--domain D]
//   [--token secret] [--wait factures]… [--instance name]… [--licences 3] [--session-ms 60000] [--same-name number]
//   [--numbers-as-text] [--discard] [--fault pupload=cut-done@2]…
//
// The double of EzGED's web services (ezged.md) as a process: prints its URL, stops on SIGTERM and Ctrl-C. A fault is
// `<service>=<name>` for every call of that service, or `…@n` for its n-th alone; names stand in ezged/faults.ts.
// @ts-check
import { parseArgs } from 'node:util';
import '../../scripts/typescript.mjs';

const { startEzged } = await import('./ezged.ts');
const { NAMED_FAULTS } = await import('./ezged/faults.ts');

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    port: { type: 'string', default: '0' },
    user: { type: 'string', default: 'admin' },
    password: { type: 'string', default: 'admin' },
    domain: { type: 'string' },
    token: { type: 'string', default: 'secret' },
    wait: { type: 'string', multiple: true, default: ['factures'] },
    instance: { type: 'string', multiple: true, default: ['instance'] },
    licences: { type: 'string', default: '3' },
    'session-ms': { type: 'string', default: '60000' },
    'same-name': { type: 'string', default: 'number' },
    'numbers-as-text': { type: 'boolean', default: false },
    discard: { type: 'boolean', default: false },
    fault: { type: 'string', multiple: true, default: [] },
  },
});
if (values.dir === undefined) throw new Error('--dir <folder> is missing');

const faults = values.fault.map((text) => {
  const parts = /^(?<service>[^=]+)=(?<name>[^@]+)(?:@(?<n>\d+))?$/u.exec(text)?.groups;
  const fault = NAMED_FAULTS[parts?.['name'] ?? ''];
  if (fault === undefined)
    throw new Error(`no fault ${text}; there are ${Object.keys(NAMED_FAULTS).join(', ')}`);
  return {
    service: parts?.['service'],
    n: parts?.['n'] === undefined ? undefined : Number(parts['n']),
    fault,
  };
});
/** @type {Map<string, number>} */
const seen = new Map();

const sameName = values['same-name'];
if (sameName !== 'number' && sameName !== 'overwrite' && sameName !== 'refuse') {
  throw new Error('--same-name is number, overwrite or refuse');
}
const double = await startEzged({
  dir: values.dir,
  port: Number(values.port),
  accounts: [
    {
      user: values.user,
      password: values.password,
      ...(values.domain !== undefined && { domain: values.domain }),
    },
  ],
  token: values.token,
  waitDirs: values.wait,
  instances: values.instance,
  licences: Number(values.licences),
  sessionMs: Number(values['session-ms']),
  sameName,
  numbersAsText: values['numbers-as-text'],
  discard: values.discard,
  fault({ service }) {
    const n = (seen.get(service) ?? 0) + 1;
    seen.set(service, n);
    return faults.find((one) => one.service === service && (one.n === undefined || one.n === n))?.fault;
  },
});
console.log(double.url);
for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT'])) {
  process.once(signal, () => {
    void double.stop().then(() => process.exit(0));
  });
}
