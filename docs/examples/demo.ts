// npm run demo: a folder full of documents, a launcher like one row of EzGED's table, and what became of each document.
import { folderDemo } from './demo/folder.js';

await folderDemo(process.argv.slice(2));
