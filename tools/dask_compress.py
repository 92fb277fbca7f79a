#!/usr/bin/env python3
"""dask_compress.py FOLDER OUT [SCHEDULER]: vaec compress on the workers of a Dask cluster, or on this machine's cores."""

import json
import subprocess
import sys

from dask.distributed import Client, as_completed


def compress(folder, out, shard):
    """What `vaec compress --json` says of each file of this part."""
    command = ["vaec", "compress", folder, "-r", "-o", out, "-j", "1", "--skip-existing", "--json", "--shard", shard]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if run.returncode not in (0, 1):  # 1: some files failed, and are named
        raise RuntimeError(run.stderr)
    return [json.loads(line) for line in run.stdout.splitlines()]


if __name__ == "__main__":
    folder, out, scheduler = (sys.argv[1:] + [None])[:3]
    with Client(scheduler) as client:
        parts = 4 * len(client.nthreads())  # some take longer than others
        shards = [f"{i}/{parts}" for i in range(1, parts + 1)]
        tasks = [client.submit(compress, folder, out, shard, pure=False, retries=2) for shard in shards]
        files = [file for task in as_completed(tasks) for file in task.result()]
    for file in files:
        if file["status"] == "error":
            print(file["error"], file=sys.stderr)
    sizes = [file["bytes"] for file in files if file["status"] == "ok"]
    failed = sum(file["status"] == "error" for file in files)
    print(f"{len(files)} files: {len(sizes)} compressed to {sum(sizes)} bytes, {failed} failed")
    sys.exit(1 if failed else 0)
