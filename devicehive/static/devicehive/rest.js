"use strict";

// The page of REST: Swagger UI of the document that this server serves. Requests go to this server.
{
    const root = document.getElementById("rest");
    SwaggerUIBundle({
        domNode: root,
        url: root.dataset.document,
        deepLinking: true,
        docExpansion: "none",
        filter: true,
        defaultModelsExpandDepth: 0,
        persistAuthorization: false,
        validatorUrl: null, // The validator of Swagger is on another host.
    });
}
