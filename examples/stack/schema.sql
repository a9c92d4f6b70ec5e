set client_min_messages = warning;
create table if not exists visit (id bigserial primary key, path text not null, at timestamptz not null default now());
