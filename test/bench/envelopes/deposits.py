# python3 deposits.py <path> <folder>: what decodeEnvelope does with each deposit, as one would write it in Python: finds
# the metadata, reads it in whichever encoding, tells the type, finds what it lists, names it safely, says what is odd.
import json
import os
import re
import sys
import time
import unicodedata
from xml.etree import ElementTree

KEYS = {
    'acte_nature': re.compile(r'acte_nature|envoi_tdt_actes|aractes|fichier_acte', re.I),
    'helios': re.compile(r'.*helios.*|fichier_pes|fichier_pes_signe|pes_aller|pes_acquit', re.I),
    'chorus_fact': re.compile(r'.*chorus_fact.*|id_facture_cpp|fichier_facture', re.I),
}
ROLES = {'arrete': 'act', 'autre_document_attache': 'annex', 'aractes': 'acknowledgement', 'fichier_pes': 'pes'}
LITTER = re.compile(r'(?:^|/)(?:__MACOSX(?:/.*)?|\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini)$', re.I)
FORBIDDEN = re.compile('[<>:"/\\\\|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]')
RESERVED = re.compile(r'(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?=$|[ .])', re.I)


def nfc(text):
    return unicodedata.normalize('NFC', text)


def safe_name(name):
    clean = FORBIDDEN.sub('_', nfc(name)).strip().rstrip('. ') or '_'
    return '_' + clean if RESERVED.match(clean) else clean


def safe_names(names):
    taken = set()
    safe = []
    for name in names:
        wanted = unique = safe_name(name)
        n = 2
        while unique.casefold() in taken:
            stem, extension = os.path.splitext(wanted)
            unique = f'{stem} ({n}){extension}'
            n += 1
        taken.add(unique.casefold())
        safe.append(unique)
    return safe


def decoded(content):
    try:
        return content.decode('utf-8-sig')
    except UnicodeDecodeError:
        return content.decode('cp1252', 'replace')


def read_metadata(name, content):
    if name.endswith('.json'):
        fields = json.loads(decoded(content))
        data = {key: nfc(value) for key, value in fields.items() if isinstance(value, str)}
        files = [
            (key, index, nfc(file))
            for key, value in fields.items()
            if isinstance(value, list)
            for index, file in enumerate(value)
        ]
        return data, files
    root = ElementTree.fromstring(content)
    data = {element.get('name'): nfc(element.get('value', '')) for element in root.iter('data')}
    files = [
        (element.get('name'), index, nfc(file.get('content')))
        for element in root.iter('files')
        for index, file in enumerate(element)
    ]
    return data, files


def files_in(folder, within=''):
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from files_in(entry.path, f'{within}{entry.name}/')
        elif entry.is_file(follow_symlinks=False):
            yield within + entry.name, entry.name, entry.path, entry.stat().st_size


def decode(deposit):
    issues = []
    found = sorted(files_in(deposit))
    files = [file for file in found if not LITTER.search(file[0])]
    metadata = min(
        (file for file in files if re.fullmatch(r'(?:metadata|manifest)\.(?:xml|json|txt|ya?ml)', file[1], re.I)),
        key=lambda file: file[0].count('/'),
    )
    with open(metadata[2], 'rb') as opened:
        data, listed = read_metadata(metadata[1], opened.read())
    keys = [*data, *(field for field, _, _ in listed)]
    kind = next(kind for kind, names in KEYS.items() if any(names.fullmatch(key) for key in keys))
    loose = {nfc(file[1]): file for file in files if file is not metadata}
    documents = []
    for field, _, content in listed:
        file = loose.pop(re.sub(r'[/\\]', '-', content), None)
        if file is None:
            issues.append(f'{metadata[1]} lists {content}, which is not there')
        else:
            documents.append((file, ROLES.get(field, 'other'), field))
    documents += [(file, 'other', None) for file in loose.values()]
    documents.append((metadata, 'metadata', None))
    names = safe_names([file[1] for file, _, _ in documents])
    return {
        'type': kind,
        'attributes': data,
        'fields': {
            'number': data.get('numero_de_lacte'),
            'date': data.get('date_de_lacte'),
            'nature': data.get('acte_nature'),
            'subject': data.get('objet'),
            'document': next((name for name, (_, role, _) in zip(names, documents) if role == 'act'), None),
            'annexes': [name for name, (_, role, _) in zip(names, documents) if role == 'annex'],
        },
        'documents': [
            {'name': name, 'role': role, 'field': field, 'size': file[3], 'path': file[2]}
            for name, (file, role, field) in zip(names, documents)
        ],
        'issues': issues,
    }


path = sys.argv[1]
start = time.perf_counter()
cpu = os.times()
for name in os.listdir(path):
    if len(decode(os.path.join(path, name))['documents']) != 3:
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
