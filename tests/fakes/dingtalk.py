#!/usr/bin/env python3
"""Start the fake DingTalk alone, see the README beside this file."""

import argparse
import json
import sys
import time
from pathlib import Path

from fake_dingtalk import FakeDingTalk
from fake_dingtalk.control import load
from fake_dingtalk.sample import fill, history

#: Longest run in minutes.
LONGEST = 24 * 60


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8990, help="old host; the new one is next")
    parser.add_argument("--minutes", type=float, default=60, help="ends by itself after this time")
    parser.add_argument("--data", type=Path, help="JSON with departments, users, punches …")
    parser.add_argument("--sample", action="store_true", help="a small company with two months")
    parser.add_argument("--history", action="store_true", help="two months for those of --data")
    parser.add_argument("--callback", default="", help="address that events are pushed to")
    options = parser.parse_args(arguments)
    if not 0 < options.minutes <= LONGEST:
        parser.error(f"--minutes has to be up to {LONGEST}")
    with FakeDingTalk(port=options.port) as fake:
        if options.sample:
            fill(fake.state)
        if options.data:
            load(fake.state, json.loads(options.data.read_text(encoding="utf-8")))
        if options.history:
            history(fake.state)
        fake.state.app.callback_url = options.callback
        print(json.dumps(describe(fake), indent=2, ensure_ascii=False), flush=True)
        until = time.monotonic() + options.minutes * 60
        try:
            while time.monotonic() < until:
                time.sleep(min(0.5, max(until - time.monotonic(), 0)))
        except KeyboardInterrupt:
            pass
    return 0


def describe(fake):
    """What to enter in Odoo's connection form."""
    app = fake.state.app
    return {
        "oapi": fake.oapi_url,
        "api": fake.api_url,
        "login": fake.api_url,
        "control": f"{fake.oapi_url}/__ctl",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "agent_id": app.agent_id,
        "corp_id": app.corp_id,
        "callback_token": app.callback_token,
        "aes_key": app.aes_key,
        "users": len(fake.state.users),
    }


if __name__ == "__main__":
    sys.exit(main())
