/**
 * Git's long-running filter protocol (gitprotocol-common "pkt-line", gitattributes "Long Running Filter Process"):
 * one process for all files of one git command. A packet is four hex digits of its whole length, then the payload;
 * `0000` (flush) ends a list.
 *
 *   git:  git-filter-client, version=2, flush      we:  git-filter-server, version=2, flush
 *   git:  capability=..., flush                    we:  capability=clean, flush
 *   then for each file
 *   git:  command=clean, pathname=..., flush, content..., flush
 *   we:   status=success, flush, content..., flush, (status kept) flush
 */
import { readSync } from 'node:fs';

/** Where packets come from and go to. */
export interface Channel {
  /** Exactly so many bytes, or undefined at the end of the input. Throws when it ends in between. */
  read(length: number): Buffer | undefined;
  write(bytes: Uint8Array): void;
}

const MAX_PAYLOAD = 65_516;
/** A packet's length counts its own four digits. */
const HEAD = 4;

/**
 * Answers git until it closes the channel; `filter` gives the bytes to store. One that throws is answered with
 * `status=error`: git then stores the file as it is. Throws when the other end does not speak the protocol.
 */
export function serveFilter(channel: Channel, filter: (content: Buffer, path: string) => Uint8Array): void {
  const hello = readList(channel);
  if (hello?.[0] !== 'git-filter-client' || !hello.includes('version=2')) {
    throw new Error('the other end is no git that speaks version 2 of the filter protocol');
  }
  writeList(channel, ['git-filter-server', 'version=2']);
  readList(channel);
  writeList(channel, ['capability=clean']);
  for (let request = readList(channel); request !== undefined; request = readList(channel)) {
    const path = request.find((line) => line.startsWith('pathname='))?.slice('pathname='.length) ?? '';
    const content = readContent(channel);
    let answer: Uint8Array | undefined;
    try {
      if (request.includes('command=clean')) answer = filter(content, path);
    } catch {
      // Said by `filter`; git goes on with the file as it is.
    }
    if (answer === undefined) writeList(channel, ['status=error']);
    else {
      writeList(channel, ['status=success']);
      for (let at = 0; at < answer.length; at += MAX_PAYLOAD) {
        channel.write(packet(answer.subarray(at, at + MAX_PAYLOAD)));
      }
      channel.write(FLUSH);
      channel.write(FLUSH);
    }
  }
}

/** A channel over two file descriptors; reads block. */
export function fdChannel(input: number, write: (bytes: Uint8Array) => void): Channel {
  return {
    write,
    read(length) {
      const bytes = Buffer.alloc(length);
      let at = 0;
      while (at < length) {
        const got = readSome(input, bytes, at);
        if (got === 0 && at === 0) return undefined;
        if (got === 0) throw new Error('the input ends inside of a packet');
        at += got;
      }
      return bytes;
    },
  };
}

function readSome(input: number, bytes: Buffer, at: number): number {
  for (;;) {
    try {
      return readSync(input, bytes, at, bytes.length - at, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

const FLUSH = Buffer.from('0000');

function packet(payload: Uint8Array): Uint8Array {
  const head = (payload.length + HEAD).toString(16).padStart(HEAD, '0');
  return Buffer.concat([Buffer.from(head), payload]);
}

function writeList(channel: Channel, lines: readonly string[]): void {
  for (const line of lines) channel.write(packet(Buffer.from(`${line}\n`)));
  channel.write(FLUSH);
}

/** Lines up to a flush; undefined where the input ends before the first. */
function readList(channel: Channel): string[] | undefined {
  const lines: string[] = [];
  for (;;) {
    const payload = readPacket(channel);
    if (payload === 'end') {
      if (lines.length > 0) throw new Error('the input ends inside of a list');
      return undefined;
    }
    if (payload === 'flush') return lines;
    lines.push(payload.toString('utf8').replace(/\n$/, ''));
  }
}

function readContent(channel: Channel): Buffer {
  const parts: Buffer[] = [];
  for (;;) {
    const payload = readPacket(channel);
    if (payload === 'end') throw new Error('the input ends inside of a file');
    if (payload === 'flush') return Buffer.concat(parts);
    parts.push(payload);
  }
}

function readPacket(channel: Channel): Buffer | 'flush' | 'end' {
  const head = channel.read(HEAD);
  if (head === undefined) return 'end';
  const text = head.toString('latin1');
  const length = Number.parseInt(text, 16);
  if (!/^[0-9a-f]{4}$/i.test(text) || (length > 0 && length < HEAD)) throw new Error(`no packet: ${text}`);
  if (length === 0) return 'flush';
  return length === HEAD ? Buffer.alloc(0) : (channel.read(length - HEAD) ?? Buffer.alloc(0));
}
