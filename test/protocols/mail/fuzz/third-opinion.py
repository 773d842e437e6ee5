# What Python's email package finds in mails: one of them a line on standard input, in base64; a line of JSON for each.
import base64
import email
import hashlib
import json
import sys
from email import policy
from email.header import decode_header, make_header
from email.utils import collapse_rfc2231_value


def readable(name):
    """As a mail client shows it: words decoded, 8-bit characters by evidence."""
    raw = name.encode("utf-8", "surrogateescape")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("windows-1252", "replace")
    try:
        return str(make_header(decode_header(text)))
    except (LookupError, ValueError, UnicodeError):
        return text


def name_of(part):
    name = part.get_param("filename", None, "content-disposition") or part.get_param("name", None, "content-type")
    return None if name is None else readable(collapse_rfc2231_value(name))


def leaves(part):
    if part.get_content_type() == "message/rfc822":
        yield {"message": True, "name": name_of(part)}
    elif part.is_multipart() and part.get_content_maintype() == "multipart":
        for child in part.get_payload():
            yield from leaves(child)
    else:
        content = b"" if part.is_multipart() else part.get_payload(decode=True) or b""
        yield {"message": False, "name": name_of(part), "sha256": hashlib.sha256(content).hexdigest()}


def opinion(mail, how):
    try:
        return list(leaves(email.message_from_bytes(mail, policy=how)))
    except Exception as error:  # it has bugs of its own
        return repr(error)


for line in sys.stdin:
    mail = base64.b64decode(line)
    print(json.dumps({"default": opinion(mail, policy.default), "compat32": opinion(mail, policy.compat32)}))
