// A process that submits documents, and stops itself just before it would place the first one in the target.
// argv: the waiting directory, the options as JSON, what to do there: SIGKILL, SIGSTOP or nothing; then the names.
import { Readable } from 'node:stream';
import { nodeFileSystem, waitingDirectory } from '@lanceur/protocols/waiting-directory';

const [path = '', options = '{}', stop = '', ...names] = process.argv.slice(2);
const say = (message) => new Promise((resolve) => process.send(message, resolve));
let stopped = false;
const stopping = (call) => async (from, to) => {
  if (stop !== '' && !stopped && to.startsWith(path)) {
    stopped = true;
    await say({ stopping: true });
    process.kill(process.pid, stop);
  }
  return call(from, to);
};
const fs = {
  ...nodeFileSystem,
  link: stopping(nodeFileSystem.link),
  rename: (from, to) =>
    to.endsWith('nothing') ? nodeFileSystem.rename(from, to) : stopping(nodeFileSystem.rename)(from, to),
};

const submitter = waitingDirectory({ jobs: { 87: path }, ...JSON.parse(options), fs });
for (const [i, name] of names.entries()) {
  const bytes = Buffer.from(`content ${String(process.pid)} ${String(i)}`);
  const group = {
    key: 'pdf',
    job: '87',
    documents: [{ name, open: () => Readable.from([bytes], { objectMode: false }) }],
  };
  const submissionId = `${String(process.pid)}-${String(i)}`;
  const beforePlacing = (sent) => say({ submissionId, sent });
  await submitter.submit(group, { submissionId, beforePlacing }).then(
    () => say({ outcome: 'placed' }),
    (error) => say({ outcome: error.code }),
  );
}
process.disconnect();
