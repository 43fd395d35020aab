"""Reads a repository that `hone pull` fetched, by Python's huggingface_hub, offline.

    pip install huggingface_hub
    HF_HOME=... HF_ENDPOINT=... ./hone pull org/name
    HF_HOME=... HF_HUB_OFFLINE=1 python read_hub_cache.py org/name [dataset]
"""

import sys

from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download

repository, kind = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "model"
folder = snapshot_download(repository, repo_type=kind)
found = next(r for r in scan_cache_dir().repos if r.repo_id == repository and r.repo_type == kind)
(revision,) = found.revisions
for file in sorted(revision.files, key=lambda f: f.file_name):
    assert hf_hub_download(repository, str(file.file_path.relative_to(folder)), repo_type=kind)
    print(file.file_name, file.size_on_disk, file.blob_path.name[:12])
print("read", len(revision.files), "files of", revision.commit_hash, "at", sorted(revision.refs), "from", folder)
