# python3 pes.py <path> <folder>: the attachments of a PES, decoded and written, the rest read and dropped.
import base64
import gzip
import json
import os
import sys
import time
from xml.etree.ElementTree import iterparse

path, folder = sys.argv[1:]
start = time.perf_counter()
cpu = os.times()
number = 0
for _, element in iterparse(path):
    if element.tag == 'Fichier':
        content = base64.b64decode(element.text)
        if content[:2] == b'\x1f\x8b':
            content = gzip.decompress(content)
        with open(os.path.join(folder, str(number)), 'wb') as out:
            out.write(content)
        number += 1
        element.clear()
seconds = time.perf_counter() - start
after = os.times()
with open('/proc/self/status') as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith('VmHWM'))
print(json.dumps({
    'seconds': seconds,
    'cpuSeconds': after.user + after.system - cpu.user - cpu.system,
    'peakBytes': peak * 1024,
}))
