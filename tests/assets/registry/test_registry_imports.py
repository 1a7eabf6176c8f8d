"""Every command pays for what it imports: HTTP and TLS are loaded once something is sent."""

import subprocess
import sys


def test_the_client_is_imported_without_http_and_tls() -> None:
    code = "import sys, assets.registry.client; print(sorted({'urllib3', 'ssl', 'subprocess'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
