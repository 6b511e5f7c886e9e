//! Where paths lead: the client APIs to the deployment the filter chose, everything else to the control plane.

use super::{
    FILTER, REST_CLUSTER, Settings, pb,
    pb::{
        any,
        route::{
            Route, RouteAction, route::Action, route_action::ClusterSpecifier, route_match::PathSpecifier,
        },
    },
    target,
};
use crate::catalog::Catalog;
use prost::Message;
use tianji_core::operation::Operation;

/// The route table's name.
pub const ROUTES: &str = "gateway";
/// Where client APIs lead while there are no models; there is no such cluster.
const NOWHERE: &str = "none";

/// The route table.
pub fn gateway(catalog: &Catalog, settings: &Settings) -> pb::route::RouteConfiguration {
    let plugin = target::plugin(catalog);
    let action = model_action(catalog, plugin.is_some());
    let mut routes: Vec<_> = ["/v1", ""]
        .into_iter()
        .flat_map(|version| {
            let exact = Operation::PATHS
                .map(|(path, _)| at(PathSpecifier::Path(format!("{version}{path}")), action.clone()));
            let model = at(PathSpecifier::Prefix(format!("{version}/models/")), action.clone());
            exact.into_iter().chain([model])
        })
        .chain([at(PathSpecifier::SafeRegex(google()), action.clone())])
        .collect();
    routes.push(control_plane());
    let host = pb::route::VirtualHost {
        name: ROUTES.into(),
        domains: vec!["*".into()],
        routes,
        request_body_buffer_limit: Some(pb::UInt64Value { value: settings.body_limit.into() }),
        ..Default::default()
    };
    pb::route::RouteConfiguration {
        name: ROUTES.into(),
        virtual_hosts: vec![host],
        // It is for the router, which has read it by then.
        response_headers_to_remove: vec!["x-envoy-ratelimited".into()],
        cluster_specifier_plugins: plugin.into_iter().collect(),
        ..Default::default()
    }
}

/// Google's API has a version of its own, in which nothing else is served.
fn google() -> pb::matcher::RegexMatcher {
    let methods = Operation::METHODS.map(|(name, _)| name).join("|");
    pb::matcher::RegexMatcher { regex: format!("/v1beta/models/.+:({methods})"), ..Default::default() }
}

fn at(path: PathSpecifier, action: RouteAction) -> Route {
    Route {
        r#match: Some(pb::route::RouteMatch { path_specifier: Some(path), ..Default::default() }),
        action: Some(Action::Route(action)),
        ..Default::default()
    }
}

/// Everything else. The filter is switched off here: the control plane checks its callers itself.
fn control_plane() -> Route {
    let action = RouteAction {
        cluster_specifier: Some(ClusterSpecifier::Cluster(REST_CLUSTER.into())),
        timeout: pb::seconds(60.0),
        ..Default::default()
    };
    let off = pb::route::FilterConfig { disabled: true, ..Default::default() };
    Route {
        typed_per_filter_config: [(FILTER.to_owned(), any(off))].into(),
        ..at(PathSpecifier::Prefix("/".into()), action)
    }
}

fn model_action(catalog: &Catalog, any_model: bool) -> RouteAction {
    let by_target = ClusterSpecifier::ClusterSpecifierPlugin(target::PLUGIN.into());
    let timeout = pb::seconds(catalog.settings.request_timeout).or(pb::seconds(600.0));
    RouteAction {
        cluster_specifier: Some(if any_model {
            by_target
        } else {
            ClusterSpecifier::Cluster(NOWHERE.into())
        }),
        timeout,
        idle_timeout: timeout,
        retry_policy: Some(retries()),
        ..Default::default()
    }
}

/// Failover is Envoy's retry: before each attempt the filter names the next cluster, and says by
/// `x-envoy-max-retries` how many there are. It sets `x-envoy-ratelimited` on answers that must not be retried.
fn retries() -> pb::route::RetryPolicy {
    pb::route::RetryPolicy {
        retry_on: "5xx,reset,connect-failure,refused-stream,retriable-status-codes".into(),
        retriable_status_codes: vec![429],
        num_retries: pb::number(1),
        retry_back_off: Some(pb::route::retry_policy::RetryBackOff {
            base_interval: pb::seconds(0.005),
            max_interval: pb::seconds(0.02),
        }),
        refresh_cluster_on_retry: true,
        ..Default::default()
    }
}

/// The clusters an encoded route table leads to.
pub fn clusters(table: &pb::Any) -> Vec<String> {
    let table = pb::route::RouteConfiguration::decode(&*table.value).unwrap_or_default();
    let routes = table.virtual_hosts.into_iter().flat_map(|host| host.routes);
    let direct = routes.filter_map(|route| match route.action? {
        Action::Route(RouteAction { cluster_specifier: Some(ClusterSpecifier::Cluster(name)), .. }) => {
            Some(name)
        }
        _ => None,
    });
    let chosen = table.cluster_specifier_plugins.into_iter().flat_map(target::clusters);
    direct.filter(|name| name != NOWHERE).chain(chosen).collect()
}
