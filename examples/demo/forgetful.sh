# Starts work in the background and forgets it: the subshell ends at once, what it started lives on as an orphan.
while :; do
  (sh -c 'sleep 5; exit 3' & echo "left process $! to itself")
  sleep 20
done
