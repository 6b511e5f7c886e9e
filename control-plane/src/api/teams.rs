//! Teams: groups of users that share keys and limits.

mod fields;
mod members;
mod view;

pub use view::Team;

use super::{
    body::{Body, Params},
    keys::Row as KeyRow,
    parties::{ATTEMPTS, Paging, changed, find, missing, new_id, update as updated, write},
    users,
};
use crate::{
    app::App,
    auth::{Admin, Caller},
    error::{Error, Result},
    fault::Fault,
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
use fields::{ChangedTeam, Models, NewTeam, Permissions};
pub use members::member;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use view::{Changed, Info, MemberPermissions};

pub(super) fn router() -> ApiRouter<Arc<App>> {
    ApiRouter::new()
        .api_route("/team/new", post_with(create, |op| op.tag("teams").summary("Make a team.")))
        .api_route(
            "/team/info",
            get_with(info, |op| {
                op.tag("teams")
                    .summary("A team with its members and keys. A virtual key may ask for its own team.")
            }),
        )
        .api_route(
            "/team/update",
            post_with(update, |op| op.tag("teams").summary("Change what is given of a team.")),
        )
        .api_route(
            "/team/delete",
            post_with(delete, |op| {
                op.tag("teams").summary("Delete teams with their keys; they are kept in the history.")
            }),
        )
        .api_route("/team/list", get_with(list, |op| op.tag("teams").summary("The teams, as a list.")))
        .api_route("/v2/team/list", get_with(page, |op| op.tag("teams").summary("A page of the teams.")))
        .api_route(
            "/team/available",
            get_with(available, |op| {
                op.tag("teams").summary("Teams anybody may join: those marked `available`.")
            }),
        )
        .api_route(
            "/team/block",
            post_with(block, |op| op.tag("teams").summary("Refuse all keys of a team.")),
        )
        .api_route("/team/unblock", post_with(unblock, |op| op.tag("teams").summary("Let a team in again.")))
        .api_route(
            "/team/model/add",
            post_with(add_models, |op| op.tag("teams").summary("Let a team use more models.")),
        )
        .api_route(
            "/team/model/delete",
            post_with(remove_models, |op| op.tag("teams").summary("Let a team use fewer models.")),
        )
        .api_route(
            "/team/permissions_list",
            get_with(permissions, |op| {
                op.tag("teams").summary("What a team's members may do with its keys.")
            }),
        )
        .api_route(
            "/team/permissions_update",
            post_with(permit, |op| {
                op.tag("teams").summary("Say what a team's members may do with its keys.")
            }),
        )
        .merge(members::router())
}

async fn create(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(new): Body<NewTeam>,
) -> Result<Json<Team>> {
    let blank = Party::new(Kind::Team, new_id(new.team_id.clone())?, by.at, &by.who);
    let put = |team: &mut Party, faults: &mut Vec<Fault>| new.apply(team, &by, faults);
    let mut team = Party { updated_at: by.at, ..changed(&blank, &by, put)? };
    organization_exists(&app, &team).await?;
    let mut writes = new.member_budget(&mut team, None, &by)?.into_iter().collect::<Vec<_>>();
    let mut members = Vec::new();
    for wanted in new.members() {
        let (user, made) =
            users::resolve(&app, wanted.user_id.as_deref(), wanted.user_email.as_deref(), &by).await?;
        writes.extend(made);
        members.push(member(&team, &user.id, wanted.role(), None, &by));
    }
    members.dedup_by(|one, other| one.member == other.member);
    writes.push(Write::InsertParty(team.clone()));
    writes.extend(members.into_iter().map(Write::InsertParty));
    let message = format!("Team id = {} already exists. Please use a different team id.", team.id);
    write(&app, &writes, &by, || Error::invalid("team_id", message)).await?;
    Ok(Json(Team::of(&app, team).await?))
}

/// A team belongs to an organization that is there.
async fn organization_exists(app: &App, team: &Party) -> Result<()> {
    if let Some(id) = &team.organization_id {
        find(app, Kind::Organization, id, "organization_id").await?;
    }
    Ok(())
}

#[derive(Deserialize, JsonSchema)]
struct ById {
    #[schemars(length(min = 1, max = 256))]
    team_id: String,
}

async fn info(
    caller: Caller,
    State(app): State<Arc<App>>,
    Params(query): Params<ById>,
) -> Result<Json<Info>> {
    if let Caller::Key(key) = &caller
        && key.team_id.as_ref() != Some(&query.team_id)
    {
        return Err(Error::NotYours);
    }
    let team = find(&app, Kind::Team, &query.team_id, "team_id").await?;
    let keys = app.store.keys_of(None, Some(&team.id), None).await?;
    let members = app.store.members(Kind::TeamMember, &team.id).await?;
    Ok(Json(Info {
        team_id: team.id.clone(),
        team_info: Team::of(&app, team).await?,
        keys: keys.into_iter().map(KeyRow::new).collect(),
        team_memberships: members.into_iter().map(Into::into).collect(),
    }))
}

/// Reads a team, puts something into it, and writes it, as often as others are quicker.
async fn change(app: &App, by: &By, id: &str, put: impl Fn(&mut Party, &mut Vec<Fault>)) -> Result<Party> {
    for _ in 0..ATTEMPTS {
        let before = find(app, Kind::Team, id, "team_id").await?;
        let after = changed(&before, by, &put)?;
        match write(app, &[updated(before, after.clone())], by, || Error::Conflict).await {
            Err(Error::Conflict) => {}
            other => return other.map(|()| after),
        }
    }
    Err(Error::Conflict)
}

async fn update(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(change): Body<ChangedTeam>,
) -> Result<Json<Changed>> {
    for _ in 0..ATTEMPTS {
        let before = find(&app, Kind::Team, &change.team_id, "team_id").await?;
        let mut after = changed(&before, &by, |team, faults| change.apply(team, &by, faults))?;
        organization_exists(&app, &after).await?;
        let linked = members::default_budget_id(&before).map(str::to_owned);
        let budget = match linked {
            Some(id) => app.store.budget(&id).await?,
            None => None,
        };
        let mut writes: Vec<_> = change.member_budget(&mut after, budget, &by)?.into_iter().collect();
        writes.push(updated(before, after.clone()));
        match write(&app, &writes, &by, || Error::Conflict).await {
            Err(Error::Conflict) => {}
            other => {
                other?;
                return Ok(Json(Changed { team_id: after.id.clone(), data: Team::of(&app, after).await? }));
            }
        }
    }
    Err(Error::Conflict)
}

/// `POST /team/delete`
#[derive(Deserialize, JsonSchema)]
struct ByIds {
    #[schemars(length(min = 1, max = 1000), inner(length(max = 256)))]
    team_ids: Vec<String>,
}

async fn delete(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<ByIds>,
) -> Result<Json<Vec<Team>>> {
    let mut ids = asked.team_ids;
    ids.sort();
    ids.dedup();
    let (mut writes, mut teams) = (Vec::new(), Vec::new());
    for id in &ids {
        let team =
            app.store.party(Kind::Team, id, "").await?.ok_or_else(|| missing(Kind::Team, id, "team_ids"))?;
        teams.push(Team::of(&app, team.clone()).await?);
        writes.extend(gone(&app, team).await?);
    }
    write(&app, &writes, &by, || Error::Conflict).await?;
    Ok(Json(teams))
}

/// The writes by which a team goes, with its keys and its members' memberships.
pub(super) async fn gone(app: &App, team: Party) -> Result<Vec<Write>> {
    let keys = app.store.keys_of(None, Some(&team.id), None).await?;
    let mut parties = app.store.members(Kind::TeamMember, &team.id).await?;
    parties.push(team);
    Ok(keys.into_iter().map(Write::DeleteKey).chain(parties.into_iter().map(Write::DeleteParty)).collect())
}

/// What to list.
#[derive(Deserialize, JsonSchema)]
struct Query {
    /// Those of an organization.
    #[schemars(length(max = 256))]
    organization_id: Option<String>,
    /// Those a user is a member of.
    #[schemars(length(max = 256))]
    user_id: Option<String>,
    /// One team.
    #[schemars(length(max = 256))]
    team_id: Option<String>,
    /// A part of the name.
    #[schemars(length(max = 256))]
    team_alias: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

/// One page.
#[derive(Serialize, JsonSchema)]
struct Listing {
    teams: Vec<Team>,
    total: i64,
    page: i64,
    page_size: i64,
    total_pages: i64,
}

async fn page(_: Admin, State(app): State<Arc<App>>, Params(query): Params<Query>) -> Result<Json<Listing>> {
    let page = query.paging.read(&[("team_id", "id"), ("team_alias", "alias")])?;
    let filter = Filter {
        id: query.team_id,
        alias: query.team_alias,
        organization_id: query.organization_id,
        member: query.user_id,
        ..Filter::default()
    };
    let (found, total) = app.store.parties(Kind::Team, &filter, page).await?;
    let mut teams = Vec::new();
    for team in found {
        teams.push(Team::of(&app, team).await?);
    }
    let Paging { page, page_size, .. } = query.paging;
    Ok(Json(Listing { teams, total, page, page_size, total_pages: query.paging.pages(total) }))
}

async fn list(
    admin: Admin,
    State(app): State<Arc<App>>,
    Params(query): Params<Query>,
) -> Result<Json<Vec<Team>>> {
    Ok(Json(page(admin, State(app), Params(query)).await?.0.teams))
}

async fn available(_: Caller, State(app): State<Arc<App>>) -> Result<Json<Vec<Team>>> {
    let page = Paging { page_size: 1000, ..Paging::default() }.read(&[])?;
    let (found, _) = app.store.parties(Kind::Team, &Filter::default(), page).await?;
    let mut teams = Vec::new();
    for team in found.into_iter().filter(|team| team.metadata.get("available") == Some(&json!(true))) {
        teams.push(Team::of(&app, team).await?);
    }
    Ok(Json(teams))
}

async fn block(Admin(by): Admin, State(app): State<Arc<App>>, Body(asked): Body<ById>) -> Result<Json<Team>> {
    let team = change(&app, &by, &asked.team_id, |team, _| team.blocked = true).await?;
    Ok(Json(Team::of(&app, team).await?))
}

async fn unblock(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<ById>,
) -> Result<Json<Team>> {
    let team = change(&app, &by, &asked.team_id, |team, _| team.blocked = false).await?;
    Ok(Json(Team::of(&app, team).await?))
}

async fn add_models(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<Models>,
) -> Result<Json<Team>> {
    let put = |team: &mut Party, _: &mut Vec<Fault>| {
        for model in &asked.models {
            if !team.models.contains(model) {
                team.models.0.push(model.clone());
            }
        }
    };
    Ok(Json(Team::of(&app, change(&app, &by, &asked.team_id, put).await?).await?))
}

async fn remove_models(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<Models>,
) -> Result<Json<Team>> {
    let put = |team: &mut Party, faults: &mut Vec<Fault>| {
        let had_some = !team.models.is_empty();
        team.models.0.retain(|model| !asked.models.contains(model));
        // An empty list lets a team use everything: nobody who takes the last one away means that.
        if had_some && team.models.is_empty() {
            faults.push(Fault::new(
                "models",
                "a team without a list may use every model: the last one cannot be taken away",
            ));
        }
    };
    Ok(Json(Team::of(&app, change(&app, &by, &asked.team_id, put).await?).await?))
}

async fn permissions(
    _: Admin,
    State(app): State<Arc<App>>,
    Params(query): Params<ById>,
) -> Result<Json<MemberPermissions>> {
    let team = find(&app, Kind::Team, &query.team_id, "team_id").await?;
    Ok(Json(MemberPermissions::of(&team)))
}

async fn permit(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<Permissions>,
) -> Result<Json<Team>> {
    let put = |team: &mut Party, faults: &mut Vec<Fault>| asked.apply(team, faults);
    Ok(Json(Team::of(&app, change(&app, &by, &asked.team_id, put).await?).await?))
}
