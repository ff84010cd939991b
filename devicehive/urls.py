"""The URLs that Django serves: the admin, the documents and the metrics."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from devicehive.documents import views as documents
from devicehive.serving import error_pages, metrics_page

handler400 = error_pages.bad_request
handler403 = error_pages.forbidden
handler404 = error_pages.not_found
handler500 = error_pages.failed
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("docs/", documents.for_people, name="docs"),
    path("docs/rest/", documents.of_rest_for_people, name="docs-of-rest"),
    path("asyncapi.json", documents.for_programs, name="asyncapi"),
    path("openapi.json", documents.for_rest_programs, name="openapi"),
    path("metrics", metrics_page.show),
]
