// Owns: that nothing of a test outlives it, however it ends: a watcher on a pipe that the system closes with the test's process.
// Not here: the orderly end, which each test still makes itself.
import { spawn } from 'node:child_process'

// Ends what runs with a configuration below the folder, takes away what is mounted there, removes it. A pid that another program
// has by now is none of ours, so the command line is looked at first.
const SCRIPT = `
cat >/dev/null
for file in "$1"/*/node.pid "$1"/*/*/node.pid; do
  pid=$(cat "$file" 2>/dev/null) || continue
  if tr '\\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$1/"; then kill -9 "$pid"; fi
done
while read -r _ place _; do
  case $place in "$1"/*) umount "$place" || umount -l "$place" ;; esac
done </proc/mounts
[ "$2" = keep ] || rm -rf "$1"
`

/** Watches over a folder until the returned function is called, which ends what still runs and, unless kept, removes the files. */
export function guardFolder(folder: string, files: 'remove' | 'keep' = 'remove'): () => Promise<void> {
  const watcher = spawn('/bin/sh', ['-c', SCRIPT, 'guard', folder, files], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const ended = new Promise<void>((done) => watcher.once('close', () => done()))
  return () => {
    watcher.stdin?.end()
    return ended
  }
}
