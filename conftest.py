"""Where the extra [identity] is not installed, its engines are not opened in the search for doctests."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("cv2") else ["src/creditfactory/gateways/identity_local/*.py"]
