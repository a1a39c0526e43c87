#!/bin/sh
# Runs the private Docker Engine with a bridge and packet rules of this stack's own, and removes both afterwards. As the
# first process of its PID namespace it also collects the containers' orphans, which dockerd does not.
# Given by engine-part.ts: DOCKERD CONFIG RUN_FOLDER DATA_FOLDER BRIDGE GATEWAY POOL CHAIN CGROUP
set -eu

# What this stack may have left when it was killed, too. Not the pool's number: it may be another one by now.
clean_up() {
  for place in mangle:FORWARD filter:FORWARD nat:POSTROUTING; do
    table=${place%:*}
    while iptables -w -t "$table" -D "${place#*:}" -j "$CHAIN"; do :; done
    iptables -w -t "$table" -F "$CHAIN"
    iptables -w -t "$table" -X "$CHAIN"
  done
  ip link del "$BRIDGE"
  for group in "/sys/fs/cgroup$CGROUP" /sys/fs/cgroup/*"$CGROUP"; do
    [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} \;
  done
  rm -rf "$RUN_FOLDER"
} 2>/dev/null

# A build's containers are all on the bridge and must not reach each other. The containers of one run are on a network of
# that run, where packets go from port to port of one bridge (is-bridged) and are let through; between networks they would
# be routed, and are dropped. What comes from elsewhere, another stack for one, gets in only as an answer.
# What is dropped is dropped in the table that comes first: in one table, whether one stack's ACCEPT or the other's DROP
# came first would depend on who started last.
make_network() {
  ip link add "$BRIDGE" type bridge
  ip addr add "$GATEWAY" dev "$BRIDGE"
  ip link set "$BRIDGE" up
  [ -d /proc/sys/net/bridge ] || modprobe br_netfilter
  echo 1 >"/sys/class/net/$BRIDGE/bridge/nf_call_iptables"
  iptables-restore -w --noflush <<RULES
*mangle
:$CHAIN - [0:0]
-A $CHAIN -i $BRIDGE -o $BRIDGE -j DROP
-A $CHAIN -s $POOL -d $POOL -m physdev --physdev-is-bridged -j RETURN
-A $CHAIN -s $POOL -d $POOL -j DROP
-A $CHAIN -d $POOL -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
-A $CHAIN -d $POOL -j DROP
-I FORWARD -j $CHAIN
COMMIT
*filter
:$CHAIN - [0:0]
-A $CHAIN -s $POOL -j ACCEPT
-A $CHAIN -d $POOL -j ACCEPT
-I FORWARD -j $CHAIN
COMMIT
*nat
:$CHAIN - [0:0]
-A $CHAIN -s $POOL ! -d $POOL -j MASQUERADE
-I POSTROUTING -j $CHAIN
COMMIT
RULES
}

dockerd=
trap 'if [ -n "$dockerd" ]; then kill -TERM "$dockerd" 2>/dev/null || :; else clean_up || :; exit 143; fi' TERM INT HUP
clean_up || :
mkdir -p "$RUN_FOLDER" "$DATA_FOLDER"
make_network
# containerd's shims keep their sockets here whatever its own folder is; in a namespace of our own they go with it.
if [ "$$" = 1 ]; then
  mkdir -p /run/containerd
  mount -t tmpfs -o mode=711 tmpfs /run/containerd
fi

"$DOCKERD" --config-file "$CONFIG" &
dockerd=$!
# A signal ends `wait`, not dockerd.
code=0
while :; do
  wait "$dockerd" && code=0 || code=$?
  kill -0 "$dockerd" 2>/dev/null || break
done
clean_up || :
exit "$code"
