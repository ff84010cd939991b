"""Peer (d): Django REST framework's `ModelViewSet` with `update_or_create`, as a Django developer
would first write it. It checks none of the protocol's rules."""
