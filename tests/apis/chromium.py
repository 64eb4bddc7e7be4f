"""A page in headless Chromium, driven over a pipe: no network, no other package."""

import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

NAMES = ('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')
FLAGS = (
    *('--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'),
    *('--disable-dev-shm-usage', '--hide-scrollbars', '--remote-debugging-pipe'),
)


def find_chromium() -> str | None:
    """Path of a Chromium, None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One tab. ``errors`` are the messages and exceptions of the pages so far."""

    def __init__(self, program: str, limit: float = 60.0):
        self.limit, self.errors, self.buffer, self.number = limit, [], b'', 0
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        ours, theirs = os.pipe(), os.pipe()

        def connect():
            # the browser reads from 3 and writes to 4, which may be taken here
            ends = os.dup(ours[0]), os.dup(theirs[1])
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self.process = subprocess.Popen(
            [program, *FLAGS, f'--user-data-dir={self.profile.name}', 'about:blank'],
            close_fds=False,
            preexec_fn=connect,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(ours[0])
        os.close(theirs[1])
        self.write, self.read, self.session = ours[1], theirs[0], None
        targets = self.send('Target.getTargets')['targetInfos']
        tab = next(each for each in targets if each['type'] == 'page')['targetId']
        found = self.send('Target.attachToTarget', targetId=tab, flatten=True)
        self.session = found['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network'):
            self.send(f'{domain}.enable')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        os.close(self.write)
        os.close(self.read)
        self.profile.cleanup()

    def send(self, method: str, **params):
        """Give a command, and return its result."""
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': params}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.write, json.dumps(message).encode() + b'\0')
        while True:
            answer = self._next()
            if answer.get('id') == self.number:
                assert 'error' not in answer, answer['error']
                return answer['result']

    def _next(self) -> dict:
        deadline = time.monotonic() + self.limit
        while b'\0' not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.read], [], [], left)[0]:
                raise TimeoutError(f'Chromium said nothing for {self.limit} s')
            self.buffer += os.read(self.read, 1 << 20)
        text, _, self.buffer = self.buffer.partition(b'\0')
        answer = json.loads(text)
        self._note(answer.get('method'), answer.get('params', {}))
        return answer

    def _note(self, method: str | None, params: dict) -> None:
        if method == 'Runtime.exceptionThrown':
            self.errors.append(params['exceptionDetails'])
        elif method == 'Runtime.consoleAPICalled' and params['type'] == 'error':
            self.errors.append(params['args'])
        elif method == 'Log.entryAdded' and params['entry']['level'] == 'error':
            self.errors.append(params['entry']['text'])
        elif method == 'Network.requestWillBeSent':
            url = params['request']['url']
            if not url.startswith(('file:', 'data:', 'about:')):
                self.errors.append(f'the page asked for {url}')

    def open(self, path: Path, width: int = 1400, height: int = 900, dark=False):
        """Load a file in a window of a size, and wait until it is complete."""
        scheme = [
            {'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}
        ]
        self.send('Emulation.setEmulatedMedia', features=scheme)
        size = dict(width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.send('Emulation.setDeviceMetricsOverride', **size)
        self.send('Page.navigate', url=path.absolute().as_uri())
        self.until(
            'document.readyState === "complete" && '
            f'location.href === {json.dumps(path.absolute().as_uri())}'
        )

    def run(self, expression: str):
        """Value of an expression of the page."""
        found = self.send(
            'Runtime.evaluate',
            expression=expression,
            returnByValue=True,
            awaitPromise=True,
        )
        assert 'exceptionDetails' not in found, found['exceptionDetails']
        return found['result'].get('value')

    def until(self, expression: str) -> None:
        """Wait until an expression is true."""
        deadline = time.monotonic() + self.limit
        while not self.run(expression):
            if time.monotonic() > deadline:
                raise TimeoutError(f'never true in {self.limit} s: {expression}')
            time.sleep(0.05)
