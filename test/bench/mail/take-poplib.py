# Another contender: Python's poplib, one command at a time, one fsync a mail.
# python3 take-poplib.py <port> <user> <folder> [how many mails, default all]; prints JSON.
import json, os, poplib, sys, time

port, user, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
began = time.monotonic()
poplib._MAXLINE = 1 << 20
box = poplib.POP3("127.0.0.1", port)
box.user(user)
box.pass_("secret")
count, _ = box.stat()
count = min(count, int(sys.argv[4]) if len(sys.argv) > 4 else count)
box.uidl()
for number in range(1, count + 1):
    _, lines, _ = box.retr(number)
    data = b"\r\n".join(lines) + b"\r\n"
    with open(os.path.join(folder, str(number)), "xb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())
box.quit()
print(json.dumps({"seconds": time.monotonic() - began}))
