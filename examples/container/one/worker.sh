#!/bin/sh
# Works until it is told to stop, and leaves a helper behind that it forgets to stop: supervise-init tells the helper, and waits for it.
(
  trap 'echo "helper: stopping"; exit 0' TERM
  echo "helper: ready"
  while :; do sleep 1 & wait $!; done
) &
trap 'echo "worker: stopping"; exit 3' TERM
echo "worker: ready"
while :; do sleep 1 & wait $!; done
