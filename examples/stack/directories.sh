# Makes the folders of the stack under $STACK_DIR, and nginx's configuration from its template.
set -eu
umask 022
mkdir -p "$STACK_DIR/run" "$STACK_DIR/redis" "$STACK_DIR/nginx/temporary" "$STACK_DIR/postgres"
chmod 700 "$STACK_DIR/postgres"
if [ "$(id -u)" -eq 0 ]; then chown "$POSTGRES_USER" "$STACK_DIR/postgres" "$STACK_DIR/run"; fi
sed -e "s/@STACK_PORT@/$STACK_PORT/" -e "s/@APP_PORT@/$APP_PORT/" nginx.conf.in >"$STACK_DIR/nginx/nginx.conf"
