"""The Debian package, installed in a bare Debian; long (`make package`)."""
