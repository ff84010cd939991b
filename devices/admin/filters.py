"""A list filter with a search box, for relations with too many rows to list beside the table."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.admin import RelatedFieldListFilter
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db.models import Model
from django.http import HttpRequest
from django.http.request import QueryDict

from devices.admin.keys import SearchSelect


class AutocompleteFilter(RelatedFieldListFilter):
    template = "admin/devices/autocomplete_filter.html"

    def __init__(
        self,
        field: Any,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: Any,
        field_path: str,
    ) -> None:
        kwarg = f"{field_path}__{field.target_field.name}__exact"
        if params.get(kwarg) == [""]:
            # The search box was cleared.
            del params[kwarg]
        super().__init__(
            field, request, params, model=model, model_admin=model_admin, field_path=field_path
        )
        self.site = model_admin.admin_site

    def field_choices(self, field: Any, request: Any, model_admin: Any) -> Any:
        return []

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield one choice: the search box, with the other parameters of the query."""
        chosen = self.lookup_val[-1] if self.lookup_val else None
        relation: Any = self.field
        box = forms.ModelChoiceField(
            relation.remote_field.model._base_manager.all(),
            required=False,
            widget=SearchSelect(
                relation,
                self.site,
                # Submits as soon as something is chosen. Without scripts there is no search box.
                attrs={"onchange": "this.form.submit()", "aria-label": self.title},
            ),
        )
        others = QueryDict(changelist.get_query_string(remove=[self.lookup_kwarg, PAGE_VAR])[1:])
        yield {
            "selected": chosen is not None,
            "box": box.get_bound_field(forms.Form({self.lookup_kwarg: chosen}), self.lookup_kwarg),
            "others": [(key, value) for key, values in others.lists() for value in values],
        }
