# python3 deposits.py <path> <folder>: reads the metadata of each deposit, and finds the files that it lists.
import json
import os
import sys
import time

path = sys.argv[1]
start = time.perf_counter()
cpu = os.times()
for name in os.listdir(path):
    deposit = os.path.join(path, name)
    there = {entry.name: entry.stat().st_size for entry in os.scandir(deposit) if entry.is_file()}
    with open(os.path.join(deposit, 'metadata.json'), encoding='utf-8') as file:
        metadata = json.load(file)
    listed = metadata['arrete'] + metadata['autre_document_attache']
    documents = [(file, there[file]) for file in listed]
    if len(documents) != 2:
        raise SystemExit(name)
seconds = time.perf_counter() - start
after = os.times()
with open('/proc/self/status') as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith('VmHWM'))
print(json.dumps({
    'seconds': seconds,
    'cpuSeconds': after.user + after.system - cpu.user - cpu.system,
    'peakBytes': peak * 1024,
}))
