-- Event triggers have a login since 17.
create event trigger on_login on login execute function events."Fun""c; --"();
