import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { DOVECOT } from '../servers/dovecot.js';
import { needs } from '../support/needs.js';

const run = promisify(execFile);
const demo = fileURLToPath(new URL('../../docs/examples/dist/demo.js', import.meta.url));

describe.skipIf(process.platform === 'win32' || !needs(DOVECOT.program, DOVECOT))(
  'npm run demo -- mail',
  () => {
    test('takes mails from a throw-away server, and says what became of each', async () => {
      const { stdout } = await run(process.execPath, [demo, 'mail']);
      expect(stdout).toMatch(/^Délibération +taken +job 87 +Délibération n° 12\.pdf$/mu);
      expect(stdout).toMatch(/^Deux factures +taken +job 87 +scan\.pdf; scan \(2\)\.pdf$/mu);
      expect(stdout).toMatch(/^Photo +left/mu);
      expect(stdout).toContain('After a second poll, 3 mails are in the mailbox');
    });
  },
);
