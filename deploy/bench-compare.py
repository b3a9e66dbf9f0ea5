"""Our times beside the peers'.

usage: bench-compare.py text|json OURS PEERS

Files of JSON objects, one a line, as deploy/bench core and bench-peers.py print them. As text, a line for each case
with the fastest peer, and how many times faster we are; as JSON, a line for each case and peer. Numbers agree when the
largest difference is at most 1e-9 of the largest element; a target is met only where they do.
"""

import json
import sys

TARGETS = {
    "logistic-hessian": 3,
    "softmax-hessian": 10,
    "network-hessian": 30,
    "network-input-hessians": 4,
    "network-gradients": 3,
    "logistic-hessians": 8,
    "network-products": 1,
    "groups-hessian": 10,
}
AGREE = 1e-9


def lines(path):
    with open(path) as file:
        return [json.loads(line) for line in file if line.startswith("{")]


def compared(case, ours, line):
    target = TARGETS[case]
    if "peer_ms" not in line:
        return dict(case=case, peer=line.get("peer"), peer_ms=None, ours_ms=ours, ratio=None, target=target, met=None,
                    agreement=line.get("agreement"))
    ratio = line["peer_ms"] / ours
    return dict(case=case, peer=line["peer"], peer_ms=round(line["peer_ms"], 3), ours_ms=ours, ratio=round(ratio, 3),
                target=target, met=ratio >= target and line["agreement"] <= AGREE, agreement=line["agreement"])


def main(form, ours_path, peers_path):
    peers = lines(peers_path)
    for line in peers:
        if "error" in line:
            print(f"bench: {line['peer']}, {line['case']}: {line['error']}", file=sys.stderr)
    if form == "text":
        print(f"{'case':<24} {'ours ms':>10}  {'fastest peer':<12} {'its ms':>10} {'ratio':>7} {'target':>6}  met  "
              f"agreement   others ms")
    for mine in lines(ours_path):
        case, ours = mine["case"], mine["ours_ms"]
        found = [compared(case, ours, line) for line in peers if line["case"] == case]
        if form == "json":
            for line in found or [compared(case, ours, {})]:
                print(json.dumps(line))
            continue
        timed = sorted((line for line in found if line["peer_ms"]), key=lambda line: line["peer_ms"])
        if not timed:
            print(f"{case:<24} {ours:10.2f}  {'none':<12} {'':>10} {'':>7} {TARGETS[case]:6}  -")
            continue
        best, worst = timed[0], max(line["agreement"] for line in timed)
        others = ", ".join(f"{line['peer']} {line['peer_ms']:.0f}" for line in timed[1:])
        print(f"{case:<24} {ours:10.2f}  {best['peer']:<12} {best['peer_ms']:10.2f} {best['ratio']:7.2f} "
              f"{TARGETS[case]:6}  {'yes' if best['met'] else 'no ':<3}  {worst:9.1e}   {others}")


if __name__ == "__main__":
    main(*sys.argv[1:])
