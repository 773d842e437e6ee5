# Another contender: Python's imaplib, 64 mails in one command, one fsync a mail.
# python3 take-imaplib.py <port> <user> <folder>; prints JSON.
import imaplib, json, os, sys, time

port, user, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
began = time.monotonic()
client = imaplib.IMAP4("127.0.0.1", port)
client.login(user, "secret")
client.select("INBOX", readonly=True)
uids = client.uid("SEARCH", "ALL")[1][0].split()
for i in range(0, len(uids), 64):
    for row in client.uid("FETCH", b",".join(uids[i : i + 64]), "(UID BODY.PEEK[])")[1]:
        if isinstance(row, tuple):
            with open(os.path.join(folder, row[0].split()[0].decode()), "xb") as f:
                f.write(row[1])
                f.flush()
                os.fsync(f.fileno())
client.logout()
print(json.dumps({"seconds": time.monotonic() - began}))
