import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { needs } from '../support/needs.js';
import { DOVECOT, startDovecot } from './dovecot.js';

describe.skipIf(!needs(DOVECOT.program, DOVECOT))('the throw-away mail server', () => {
  test('speaks IMAP and POP3, in clear and over TLS, and is gone when it is stopped', async () => {
    const server = await startDovecot();
    const { host, ports, user, password, ca } = server;
    try {
      const file = await server.deliver('Subject: one\r\n\r\nHello.\r\n');
      const imap = connect(ports.imap, host);
      imap.write(`a LOGIN ${user} ${password}\r\nb SELECT INBOX\r\nc FETCH 1 BODY[TEXT]\r\nd LOGOUT\r\n`);
      expect(await text(imap)).toContain('Hello.');
      const imaps = connectTls({ port: ports.imaps, host, ca });
      imaps.write('a LOGOUT\r\n');
      expect(await text(imaps)).toContain('BYE');
      const pop3 = connect(ports.pop3, host);
      pop3.write(`USER ${user}\r\nPASS ${password}\r\nSTAT\r\nQUIT\r\n`);
      expect(await text(pop3)).toContain('+OK 1 ');
      const pop3s = connectTls({ port: ports.pop3s, host, ca });
      pop3s.write('QUIT\r\n');
      expect(await text(pop3s)).toContain('+OK');
      const [message] = await server.messages();
      expect(message?.content.toString()).toContain('Hello.');
      expect(file).toContain(user);
    } finally {
      await server.stop();
    }
    const closed = connect(ports.imap, host);
    await expect(once(closed, 'connect')).rejects.toThrow('ECONNREFUSED');
  });
});
