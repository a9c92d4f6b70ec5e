# Works for a while, then crashes as a program with a wild pointer does.
echo "working, for now"
sleep 12
kill -s SEGV $$
