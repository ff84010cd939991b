from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from benchmarks.peers.naive.models import Device


class DeviceSerializer(serializers.ModelSerializer):
    # Relation fields would each query whether the row exists, which the foreign key checks anyway.
    networkId = serializers.IntegerField(source="network_id")  # noqa: N815  # as on the wire
    deviceTypeId = serializers.IntegerField(source="device_type_id")  # noqa: N815  # as above
    isBlocked = serializers.BooleanField(source="is_blocked", default=False)  # noqa: N815  # as above

    class Meta:
        model = Device
        fields = ("id", "name", "data", "networkId", "deviceTypeId", "isBlocked")
        read_only_fields = ("id",)


class DeviceViewSet(ModelViewSet):
    queryset = Device.objects.all()
    serializer_class = DeviceSerializer

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        Device.objects.update_or_create(id=kwargs["pk"], defaults=serializer.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)
