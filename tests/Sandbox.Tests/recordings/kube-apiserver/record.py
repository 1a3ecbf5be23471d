"""Sends the requests of exchanges.jsonl, in their order, to a real API server, and writes its answers beside them.

Usage: record.py KUBECONFIG
The kubeconfig is an administrator's, with a client certificate. The namespaces recorded and recorded-b are made, and deleted at the end.
"""
import base64
import json
import pathlib
import sys
import tempfile
import time

import requests
import yaml

path = pathlib.Path(__file__).with_name("exchanges.jsonl")
config = yaml.safe_load(open(sys.argv[1]))
context = next(one["context"] for one in config["contexts"] if one["name"] == config["current-context"])
cluster = next(one["cluster"] for one in config["clusters"] if one["name"] == context["cluster"])
user = next(one["user"] for one in config["users"] if one["name"] == context["user"])
folder = tempfile.TemporaryDirectory()


def file(name, text):
    target = pathlib.Path(folder.name, name)
    target.write_bytes(base64.b64decode(text))
    return str(target)


trust = file("ca", cluster["certificate-authority-data"])
admin = (file("crt", user["client-certificate-data"]), file("key", user["client-key-data"]))
last, token = {}, None


def send(one):
    request = json.dumps(one, ensure_ascii=False)
    for name, value in last.items():
        request = request.replace(f"<{name}>", value)
    request, headers, identity = json.loads(request), {"Accept": one.get("accept", "application/json") or None}, one.get("identity")
    if identity in ("service account", "unknown"):
        headers["Authorization"] = "Bearer " + (token if identity == "service account" else "not.a.token")
    if "body" in one:
        headers["Content-Type"] = one.get("contentType", "application/json")
    return requests.request(
        one["method"], cluster["server"] + request["path"], headers=headers, verify=trust, cert=None if identity else admin,
        data=json.dumps(request["body"]).encode() if "body" in one else None)


def without_noise(node):
    """Without the managed fields, which nobody here reads, and without tokens."""
    if isinstance(node, list):
        return [without_noise(one) for one in node]
    if isinstance(node, dict):
        return {name: "<JWT>" if name == "token" else without_noise(value) for name, value in node.items() if name != "managedFields"}
    return node


exchanges = [json.loads(line) for line in path.read_text().splitlines()]
for one in exchanges:
    if token is None and "identity" in one:
        made = send({"method": "POST", "path": "/api/v1/namespaces/recorded/serviceaccounts/job/token", "body": {"spec": {}}})
        token = made.json()["status"]["token"]
    # The authorizer follows what is stored; etcd is compacted every five minutes.
    time.sleep(one.get("wait", 1 if one["path"].endswith("selfsubjectaccessreviews") else 0))
    answer = send(one)
    one["status"] = answer.status_code
    one["headers"] = {name: answer.headers[name] for name in ("Content-Type", "Cache-Control", "X-Content-Type-Options") if name in answer.headers}
    one["answer"] = answer.json() if "json" in answer.headers["Content-Type"] else answer.text
    metadata = one["answer"].get("metadata", {}) if isinstance(one["answer"], dict) else {}
    last |= {name: metadata[key] for name, key in {"uid": "uid", "version": "resourceVersion", "continue": "continue"}.items() if key in metadata}
for name in ("recorded", "recorded-b"):
    send({"method": "DELETE", "path": f"/api/v1/namespaces/{name}"})
path.write_text("".join(json.dumps(without_noise(one), ensure_ascii=False) + "\n" for one in exchanges))
