//! Users: people and services that hold keys and belong to teams.

mod fields;
mod view;

use super::{
    body::{Body, Params},
    keys::Row as KeyRow,
    parties::{ATTEMPTS, Paging, changed, find, missing, new_id, update as updated, write},
    teams,
};
use crate::{
    app::App,
    auth::{ADMIN_NAME, Admin, Caller},
    error::{Error, Result},
    store::{
        parties::{Filter, Kind, Party},
        writes::{By, Write},
    },
};
use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::{Json, extract::State};
use fields::{ChangedUser, NewUser};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use view::{Created, User};

pub(super) fn router() -> ApiRouter<Arc<App>> {
    ApiRouter::new()
        .api_route(
            "/user/new",
            post_with(create, |op| {
                op.tag("users").summary("Make a user, and a key for it unless told otherwise.")
            }),
        )
        .api_route(
            "/user/info",
            get_with(info, |op| {
                op.tag("users")
                    .summary("A user with its keys and teams. A virtual key may ask for its own user.")
            }),
        )
        .api_route(
            "/v2/user/info",
            get_with(info_alone, |op| {
                op.tag("users").summary("A user alone. A virtual key may ask for its own user.")
            }),
        )
        .api_route(
            "/user/update",
            post_with(update, |op| {
                op.tag("users").summary("Change what is given of a user; one that is not there is made.")
            }),
        )
        .api_route(
            "/user/delete",
            post_with(delete, |op| op.tag("users").summary("Delete users with their keys and memberships.")),
        )
        .api_route("/user/list", get_with(list, |op| op.tag("users").summary("A page of the users.")))
        .api_route(
            "/user/available_roles",
            get_with(roles, |op| op.tag("users").summary("The roles a user can have.")),
        )
}

fn taken(user: &Party) -> Error {
    let message = match &user.email {
        Some(email) => format!("User with id {} or email {email} already exists", user.id),
        None => format!("User with id {} already exists", user.id),
    };
    Error::invalid("user_id", message)
}

async fn create(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(new): Body<NewUser>,
) -> Result<Json<Created>> {
    let id = new_id(new.user_id.clone())?;
    let user = changed(&Party::new(Kind::User, id, by.at, &by.who), &by, |user, faults| {
        new.apply(user, &by, faults);
    })?;
    let user = Party { updated_at: by.at, ..user };
    let mut writes = vec![Write::InsertParty(user.clone())];
    let mut memberships = Vec::new();
    for joined in new.teams() {
        let team = find(&app, Kind::Team, &joined.team_id, "teams").await?;
        let budget = joined.max_budget_in_team;
        memberships.push(team.id.clone());
        writes.push(Write::InsertParty(teams::member(&team, &user.id, &joined.user_role, budget, &by)));
    }
    let key = if new.auto_create_key { Some(new.key(&user, &by)?) } else { None };
    writes.extend(key.iter().map(|(_, key)| Write::InsertKey(key.clone())));
    write(&app, &writes, &by, || taken(&user)).await?;
    Ok(Json(Created::new(User::new(user, memberships), key)))
}

#[derive(Deserialize, JsonSchema)]
struct ById {
    /// Without it, the caller's own.
    #[schemars(length(max = 256))]
    user_id: Option<String>,
}

/// A user with what belongs to it.
#[derive(Serialize, JsonSchema)]
struct Info {
    user_id: String,
    user_info: User,
    keys: Vec<KeyRow>,
    teams: Vec<teams::Team>,
}

/// Whom a caller may see: the master key everybody, a virtual key its own user.
fn asked(caller: &Caller, asked: Option<String>) -> Result<String> {
    match caller {
        Caller::Admin => Ok(asked.unwrap_or_else(|| ADMIN_NAME.into())),
        Caller::Key(key) => match (&key.user_id, asked) {
            (Some(own), asked) if asked.as_ref().is_none_or(|asked| asked == own) => Ok(own.clone()),
            _ => Err(Error::NotYours),
        },
    }
}

async fn info(
    caller: Caller,
    State(app): State<Arc<App>>,
    Params(query): Params<ById>,
) -> Result<Json<Info>> {
    let user = find(&app, Kind::User, &asked(&caller, query.user_id)?, "user_id").await?;
    let keys = app.store.keys_of(Some(&user.id), None, None).await?;
    let mut joined = Vec::new();
    for membership in app.store.memberships(Kind::TeamMember, &user.id).await? {
        if let Some(team) = app.store.party(Kind::Team, &membership.id, "").await? {
            joined.push(teams::Team::of(&app, team).await?);
        }
    }
    let ids = joined.iter().map(|team| team.id().to_owned()).collect();
    Ok(Json(Info {
        user_id: user.id.clone(),
        user_info: User::new(user, ids),
        keys: keys.into_iter().map(KeyRow::new).collect(),
        teams: joined,
    }))
}

async fn with_teams(app: &App, user: Party) -> Result<User> {
    let memberships = app.store.memberships(Kind::TeamMember, &user.id).await?;
    Ok(User::new(user, memberships.into_iter().map(|membership| membership.id).collect()))
}

async fn info_alone(
    caller: Caller,
    State(app): State<Arc<App>>,
    Params(query): Params<ById>,
) -> Result<Json<User>> {
    let user = find(&app, Kind::User, &asked(&caller, query.user_id)?, "user_id").await?;
    Ok(Json(with_teams(&app, user).await?))
}

/// A changed user.
#[derive(Serialize, JsonSchema)]
struct Changed {
    user_id: String,
    data: User,
}

async fn update(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(change): Body<ChangedUser>,
) -> Result<Json<Changed>> {
    for _ in 0..ATTEMPTS {
        let known = match (&change.user_id, &change.user_email) {
            (Some(id), _) => app.store.party(Kind::User, id, "").await?,
            (None, Some(email)) => app.store.user_by_email(email).await?,
            (None, None) => {
                return Err(Error::invalid("user_id", "Either user id or user email must be provided"));
            }
        };
        let put = |user: &mut Party, faults: &mut _| change.apply(user, &by, faults);
        let (after, writes) = if let Some(before) = known {
            let after = changed(&before, &by, put)?;
            (after.clone(), [updated(before, after)])
        } else {
            let new = Party::new(Kind::User, new_id(change.user_id.clone())?, by.at, &by.who);
            let after = changed(&new, &by, put)?;
            (after.clone(), [Write::InsertParty(after)])
        };
        match write(&app, &writes, &by, || taken(&after)).await {
            Err(Error::Conflict) => {}
            other => {
                other?;
                let user_id = after.id.clone();
                return Ok(Json(Changed { user_id, data: with_teams(&app, after).await? }));
            }
        }
    }
    Err(Error::Conflict)
}

/// `POST /user/delete`
#[derive(Deserialize, JsonSchema)]
struct ByIds {
    #[schemars(length(min = 1, max = 1000), inner(length(max = 256)))]
    user_ids: Vec<String>,
}

async fn delete(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<ByIds>,
) -> Result<Json<usize>> {
    let mut ids = asked.user_ids;
    ids.sort();
    ids.dedup();
    let mut writes = Vec::new();
    for id in &ids {
        writes.extend(gone(&app, id).await?);
    }
    write(&app, &writes, &by, || Error::Conflict).await?;
    Ok(Json(ids.len()))
}

/// The writes by which a user goes, with its keys and memberships.
async fn gone(app: &App, id: &str) -> Result<Vec<Write>> {
    let user =
        app.store.party(Kind::User, id, "").await?.ok_or_else(|| missing(Kind::User, id, "user_ids"))?;
    let keys = app.store.keys_of(Some(id), None, None).await?;
    let mut parties = app.store.memberships(Kind::TeamMember, id).await?;
    parties.extend(app.store.memberships(Kind::OrganizationMember, id).await?);
    parties.push(user);
    Ok(keys.into_iter().map(Write::DeleteKey).chain(parties.into_iter().map(Write::DeleteParty)).collect())
}

/// What to list.
#[derive(Deserialize, JsonSchema)]
struct Query {
    /// One of `/user/available_roles`.
    #[schemars(length(max = 64))]
    role: Option<String>,
    /// One user.
    #[schemars(length(max = 256))]
    user_ids: Option<String>,
    /// A part of the address.
    #[schemars(length(max = 256))]
    user_email: Option<String>,
    /// Those of this organization.
    #[schemars(length(max = 256))]
    organization_id: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

/// One page.
#[derive(Serialize, JsonSchema)]
struct Listing {
    users: Vec<User>,
    total: i64,
    page: i64,
    page_size: i64,
    total_pages: i64,
}

async fn list(_: Admin, State(app): State<Arc<App>>, Params(query): Params<Query>) -> Result<Json<Listing>> {
    let columns =
        [("user_id", "id"), ("user_email", "email"), ("user_alias", "alias"), ("user_role", "role")];
    let page = query.paging.read(&columns)?;
    let filter = Filter {
        id: query.user_ids,
        email: query.user_email,
        role: query.role,
        organization_id: query.organization_id,
        ..Filter::default()
    };
    let (found, total) = app.store.parties(Kind::User, &filter, page).await?;
    let mut users = Vec::new();
    for user in found {
        users.push(with_teams(&app, user).await?);
    }
    let Paging { page, page_size, .. } = query.paging;
    Ok(Json(Listing { users, total, page, page_size, total_pages: query.paging.pages(total) }))
}

async fn roles(_: Caller) -> Json<Value> {
    Json(fields::roles())
}

/// The user a request means by id or address: made if only the id is known and nobody has it. What has to be written
/// for it comes first.
pub(super) async fn resolve(
    app: &App,
    id: Option<&str>,
    email: Option<&str>,
    by: &By,
) -> Result<(Party, Option<Write>)> {
    let known = match (id, email) {
        (Some(id), _) => app.store.party(Kind::User, id, "").await?,
        (None, Some(email)) => app.store.user_by_email(email).await?,
        (None, None) => {
            return Err(Error::invalid("member", "Either user id or user email must be provided"));
        }
    };
    if let Some(user) = known {
        return Ok((user, None));
    }
    let mut user = Party::new(Kind::User, new_id(id.map(str::to_owned))?, by.at, &by.who);
    user.email = email.map(str::to_lowercase);
    user.role = Some(fields::DEFAULT_ROLE.into());
    Ok((user.clone(), Some(Write::InsertParty(user))))
}
