from rest_framework.routers import SimpleRouter

from benchmarks.peers.viewset.views import DeviceViewSet

router = SimpleRouter(trailing_slash=False)
router.register("api/rest/device", DeviceViewSet)
urlpatterns = router.urls
