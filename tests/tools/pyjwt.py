"""Reads tokens, one a line, and answers each: "accepted", "refused REASON", or "failed REASON" when it could not look.

Usage: pyjwt.py ISSUER AUDIENCE
"""
import json
import sys
import urllib.request

import jwt

issuer, audience = sys.argv[1:]
for line in sys.stdin:
    try:
        # Everything anew for every token: what a cache still knows is not what the URL serves.
        with urllib.request.urlopen(issuer + "/.well-known/openid-configuration", timeout=60) as answer:
            discovery = json.load(answer)
        if discovery["issuer"] != issuer:
            raise RuntimeError("the discovery document is of " + discovery["issuer"])
        token = line.strip()
        keys = {key.key_id: key for key in jwt.PyJWKClient(discovery["jwks_uri"]).get_signing_keys()}
        key = keys.get(jwt.get_unverified_header(token).get("kid"))
        if key is None:
            print("refused no such key", flush=True)
            continue
        jwt.decode(token, key.key, algorithms=["RS256", "ES256"], issuer=issuer, audience=audience, options={"require": ["exp", "iss", "aud", "sub"]})
        print("accepted", flush=True)
    except jwt.InvalidTokenError as error:
        print("refused", str(error).replace("\n", " "), flush=True)
    except Exception as error:
        print("failed", type(error).__name__, str(error).replace("\n", " "), flush=True)
