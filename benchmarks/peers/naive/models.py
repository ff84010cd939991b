from django.db import models


class Network(models.Model):
    name = models.CharField(max_length=128, unique=True)

    def __str__(self) -> str:
        return self.name


class DeviceType(models.Model):
    name = models.CharField(max_length=128, unique=True)

    def __str__(self) -> str:
        return self.name


class Device(models.Model):
    id = models.CharField(max_length=48, primary_key=True)
    name = models.CharField(max_length=128)
    data = models.JSONField(null=True)
    network = models.ForeignKey(Network, on_delete=models.CASCADE)
    device_type = models.ForeignKey(DeviceType, on_delete=models.CASCADE)
    is_blocked = models.BooleanField(default=False)

    class Meta:
        indexes = (models.Index(fields=["name", "id"], name="device_by_name"),)

    def __str__(self) -> str:
        return self.name
