// npm run build
import { command, ready } from './workspace.mjs';

await command(ready);
