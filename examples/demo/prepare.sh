# Lays out what the web service serves.
set -eu
mkdir -p "$DEMO_DIR"
printf 'hello from process %s, prepared before anything else ran\n' "$$" >"$DEMO_DIR/greeting.txt"
echo "wrote $DEMO_DIR/greeting.txt"
