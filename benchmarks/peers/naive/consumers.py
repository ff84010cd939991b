from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from benchmarks.peers.naive.models import Device


class DeviceConsumer(AsyncJsonWebsocketConsumer):
    """Saves as Django's documentation suggests, and sends events as Channels' does. It does not
    store notifications, which this server does."""

    user_id: int | None = None
    subscription_id: int | None = None
    group: str | None = None

    async def receive_json(self, content: dict[str, Any], **kwargs: Any) -> None:
        answer = {"action": content["action"], "requestId": content.get("requestId")}
        if content["action"] == "authenticate":
            answer |= self.authenticate(content["token"])
        elif content["action"] == "device/save" and self.user_id is not None:
            await self.save_device(content["deviceId"], content["device"])
            answer["status"] = "success"
        elif content["action"] == "notification/subscribe" and self.user_id is not None:
            self.group = content["deviceId"]
            await self.channel_layer.group_add(self.group, self.channel_name)
            self.subscription_id = id(self)
            answer |= {"status": "success", "subscriptionId": self.subscription_id}
        elif content["action"] == "notification/insert" and self.user_id is not None:
            told = {"type": "told", "notification": content["notification"]}
            await self.channel_layer.group_send(content["deviceId"], told)
            answer["status"] = "success"
        else:
            answer |= {"status": "error", "code": 401, "error": "Unauthorized"}
        await self.send_json(answer)

    async def disconnect(self, code: int) -> None:
        if self.group is not None:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def told(self, event: dict[str, Any]) -> None:
        await self.send_json(
            {
                "action": "notification/insert",
                "notification": event["notification"],
                "subscriptionId": self.subscription_id,
            }
        )

    def authenticate(self, token: str) -> dict[str, Any]:
        try:
            self.user_id = AccessToken(token)["user_id"]
        except TokenError as error:
            return {"status": "error", "code": 401, "error": str(error)}
        return {"status": "success"}

    @database_sync_to_async
    def save_device(self, device_id: str, device: dict[str, Any]) -> None:
        Device.objects.update_or_create(
            id=device_id,
            defaults={
                "name": device["name"],
                "data": device.get("data"),
                "network_id": device["networkId"],
                "device_type_id": device["deviceTypeId"],
                "is_blocked": device.get("isBlocked", False),
            },
        )
