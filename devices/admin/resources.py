"""What the pages of all resources share: forms that save through services, and a confirmation page
for deletions that counts what is deleted, where Django's would load and list all of it."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest
from django.db import IntegrityError
from django.db.models import CASCADE, Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.deletion import get_candidate_relations_to_delete
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst

from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal, Refused
from devices.admin.forms import ServiceForm
from devices.admin.keys import SearchSelect, SearchSelectMultiple, is_key
from devices.models import Device, User
from devices.services import standing

MOST_CHOSEN_NAMED = 20


class ResourceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # has no [] at run time
    list_per_page = 50
    # The count for the page numbers is exact; a filtered list needs no count of all rows besides.
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    @property
    def media(self) -> forms.Media:
        # Django's lists do not load the scripts that the search boxes of AutocompleteFilter need.
        network: Any = Device._meta.get_field("network")
        return super().media + SearchSelect(network, self.admin_site).media

    def get_form(  # type: ignore[override]  # as in Django's UserAdmin, which is mixed in
        self, request: HttpRequest, obj: Any = None, **options: Any
    ) -> Any:
        """A callable that makes the form, with who edits and why it could not be saved, if so.
        Records that nobody can edit have Django's form, which takes neither."""
        form: Any = super().get_form(request, obj, **options)
        if not issubclass(form, ServiceForm):
            return form
        refused = getattr(request, "refused", None)
        return partial(form, principal=principal_behind(request), refused=refused)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        options.setdefault("widget", SearchSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **options)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        options.setdefault("widget", SearchSelectMultiple(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **options)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow only the lookups that our links and filters use. Others could fail in the database,
        such as an invalid regular expression."""
        return lookup.endswith("__exact") and super().lookup_allowed(lookup, value, request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if not all(is_key(self.model, each) for each in ticked):
            raise Http404
        return super().changelist_view(request, extra_context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show the page again, with the reason, if a valid form is refused when it is written,
        because another process was faster."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            refused = ProtocolRefusal.CONFLICT()
        except OverflowError:
            raise BadRequest from None  # An id made by hand, too large for any database.
        except Refused as refusal:
            refused = refusal
        request.refused = refused  # type: ignore[attr-defined]  # for `get_form`
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        form.write_given()

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        chosen = self.get_queryset(request).filter(pk__in=_keys(objs)).order_by("pk")
        total = chosen.count()
        counts = {str(self.opts.verbose_name_plural): total, **_taken_along(self.model, chosen)}
        kind = capfirst(str(self.opts.verbose_name))
        named = [f"{kind}: {each}" for each in chosen[:MOST_CHOSEN_NAMED]]
        if total > MOST_CHOSEN_NAMED:
            named.append(f"and {total - MOST_CHOSEN_NAMED:,} more")
        return named, counts, set(), self.undeletable(chosen, request)

    def undeletable(self, chosen: QuerySet[Any], request: HttpRequest) -> list[str]:
        """Why these cannot be deleted, if so."""
        return []

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        self.delete_queryset(request, self.get_queryset(request).filter(pk=obj.pk))


def principal_behind(request: HttpRequest) -> Principal:
    assert isinstance(request.user, User)
    return standing.unlimited(request.user)


def count_of(model: type[Model], column: str) -> Coalesce:
    """How many rows of `model` refer to a listed row by `column`. This is computed only for the
    rows of a page, because the database limits the list to the page first."""
    rows = model._default_manager.filter(**{column: OuterRef("pk")}).order_by()
    return Coalesce(Subquery(rows.values(column).annotate(n=Count("*")).values("n")), 0)


def counted_link(count: int, model: str, **lookup: Any) -> str:
    """`count` as a link to the list of the counted records."""
    url = reverse(f"admin:devices_{model}_changelist", query=lookup)
    return format_html('<a href="{}">{}</a>', url, f"{count:,}")


def _keys(objs: Any) -> Any:
    # A queryset stays a subquery: 100,000 keys would be too many parameters for any database.
    return objs.order_by().values("pk") if isinstance(objs, QuerySet) else [o.pk for o in objs]


def _taken_along(model: type[Model], chosen: QuerySet[Any]) -> dict[str, int]:
    """How many rows of other tables are deleted too, by name. It looks one step deep, because no
    tables of the registry depend on each other further."""
    keys = chosen.order_by().values("pk")
    counts = {}
    relations: Iterable[Any] = get_candidate_relations_to_delete(model._meta)
    for relation in relations:
        if relation.on_delete is CASCADE:
            rows = relation.related_model._base_manager
            count = rows.filter(**{f"{relation.field.name}__in": keys}).count()
            counts[str(relation.related_model._meta.verbose_name_plural)] = count
    return {name: count for name, count in counts.items() if count}
