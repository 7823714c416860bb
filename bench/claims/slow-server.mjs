// A slow server on the loopback, in a process of its own so that it does not share the event loop of what is measured.
// It counts by itself how many requests are open at once: a witness of limits beside the events of a run.
//
//   /wait/MS/NAME    answers after MS milliseconds
//   /paced/MS/NAME   sends ten pieces, spread over MS milliseconds
//   /words/MS/COUNT  as /wait, with so many words
//   /peak            {"most": …, "open": …} since the last time it was asked; not counted itself
// @ts-check
import { createServer } from 'node:http';

const PIECES = 10;
let open = 0;
let most = 0;

const server = createServer((request, response) => {
  const [, kind = '', amount = '0', name = ''] = (request.url ?? '').split('/');
  const ms = Number(amount);
  if (kind === 'peak') {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ most, open }));
    most = open;
    return;
  }
  open += 1;
  most = Math.max(most, open);
  response.once('close', () => {
    open -= 1;
  });
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  if (kind !== 'paced') {
    const text = kind === 'words' ? `${`word `.repeat(Number(name))}\n` : `This is ${name}.\n`;
    setTimeout(() => response.end(text), ms);
    return;
  }
  const startedAt = performance.now();
  let sent = 0;
  const next = () => {
    sent += 1;
    const piece = `Piece ${sent} of ${name}.\n`;
    if (sent === PIECES) response.end(piece);
    else {
      response.write(piece);
      // From the start, so that lateness of one piece does not add up.
      setTimeout(next, Math.max(0, startedAt + ((sent + 1) * ms) / PIECES - performance.now()));
    }
  };
  setTimeout(next, ms / PIECES);
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address ? address.port : ''}\n`);
});
// Whoever started it is gone.
process.stdin.on('end', () => process.exit()).resume();
