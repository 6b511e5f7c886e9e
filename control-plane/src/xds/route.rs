//! Where paths lead: the client APIs to the deployment the filter chose, everything else to the control plane.

use super::{
    FILTER, REST_CLUSTER, Settings, pb,
    pb::{
        any,
        route::{
            Route, RouteAction, route::Action, route_action::ClusterSpecifier, route_match::PathSpecifier,
        },
    },
};
use crate::catalog::Catalog;
use prost::{Message, Name};
use std::collections::BTreeMap;

/// The route table's name.
pub const ROUTES: &str = "gateway";
/// Filter state in which the filter names the cluster of the next attempt.
const TARGET: &str = "wasm.tianji.target";
/// Where client APIs lead while there are no models; there is no such cluster.
const NOWHERE: &str = "none";
/// The client APIs, as in `tianji_core::operation`; each is served with and without `/v1`.
const PATHS: [&str; 5] =
    ["/chat/completions", "/embeddings", "/messages", "/messages/count_tokens", "/models"];

/// The route table.
pub fn gateway(catalog: &Catalog, settings: &Settings) -> pb::route::RouteConfiguration {
    let action = model_action(catalog);
    let mut routes: Vec<_> = ["/v1", ""]
        .into_iter()
        .flat_map(|version| {
            let exact = PATHS.map(|path| at(PathSpecifier::Path(format!("{version}{path}")), action.clone()));
            let model = at(PathSpecifier::Prefix(format!("{version}/models/")), action.clone());
            exact.into_iter().chain([model])
        })
        .collect();
    routes.push(control_plane());
    let host = pb::route::VirtualHost {
        name: ROUTES.into(),
        domains: vec!["*".into()],
        routes,
        request_body_buffer_limit: Some(pb::UInt64Value { value: settings.body_limit.into() }),
        ..Default::default()
    };
    pb::route::RouteConfiguration { name: ROUTES.into(), virtual_hosts: vec![host], ..Default::default() }
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

fn model_action(catalog: &Catalog) -> RouteAction {
    let timeout = pb::seconds(catalog.settings.request_timeout);
    RouteAction {
        cluster_specifier: Some(by_target(catalog)),
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

/// The matcher: filter state → cluster, by one hash look-up however many deployments there are.
fn by_target(catalog: &Catalog) -> ClusterSpecifier {
    let map: BTreeMap<_, _> = catalog
        .models
        .iter()
        .map(|model| {
            let cluster = model.deployment.cluster.clone();
            let action = pb::cluster_matcher::ClusterAction { cluster: cluster.clone() };
            let action = Some(pb::extension(&cluster, action));
            (cluster, ordered::OnMatch { action })
        })
        .collect();
    if map.is_empty() {
        // Envoy refuses an empty matcher. The filter has no model to let through, so this leads nowhere.
        return ClusterSpecifier::Cluster(NOWHERE.into());
    }
    let input =
        pb::extension("target", pb::inputs::FilterStateInput { key: TARGET.into(), ..Default::default() });
    let tree = ordered::MatcherTree { input: Some(input), exact_match_map: Some(ordered::MatchMap { map }) };
    let matcher = ordered::Matcher { tree: Some(tree) };
    let specifier = ordered::MatcherClusterSpecifier { cluster_matcher: Some(matcher) };
    let extension = pb::core::TypedExtensionConfig {
        name: "envoy.router.cluster_specifier_plugin.matcher".into(),
        typed_config: Some(pb::Any {
            type_url: pb::cluster_matcher::MatcherClusterSpecifier::type_url(),
            value: specifier.encode_to_vec(),
        }),
    };
    ClusterSpecifier::InlineClusterSpecifierPlugin(pb::route::ClusterSpecifierPlugin {
        extension: Some(extension),
        ..Default::default()
    })
}

/// The clusters an encoded route table leads to.
pub fn clusters(table: &pb::Any) -> Vec<String> {
    let table = pb::route::RouteConfiguration::decode(&*table.value).unwrap_or_default();
    let routes = table.virtual_hosts.into_iter().flat_map(|host| host.routes);
    let actions = routes.filter_map(|route| match route.action? {
        Action::Route(action) => action.cluster_specifier,
        _ => None,
    });
    let names = actions.flat_map(|specifier| match specifier {
        ClusterSpecifier::Cluster(name) => vec![name],
        ClusterSpecifier::InlineClusterSpecifierPlugin(plugin) => targets(plugin).into_keys().collect(),
        _ => Vec::new(),
    });
    names.filter(|name| name != NOWHERE).collect()
}

fn targets(plugin: pb::route::ClusterSpecifierPlugin) -> BTreeMap<String, ordered::OnMatch> {
    let config = plugin.extension.and_then(|extension| extension.typed_config).unwrap_or_default();
    let specifier = ordered::MatcherClusterSpecifier::decode(&*config.value).unwrap_or_default();
    let tree = specifier.cluster_matcher.and_then(|matcher| matcher.tree);
    tree.and_then(|tree| tree.exact_match_map).unwrap_or_default().map
}

/// The matcher's messages, reduced to what is used, with their map in order. The generated ones keep it in a
/// `HashMap`: every encoding would differ, and with it the version, and every snapshot would be news.
mod ordered {
    use super::super::pb::core::TypedExtensionConfig;
    use std::collections::BTreeMap;

    /// `envoy.extensions.router.cluster_specifiers.matcher.v3.MatcherClusterSpecifier`
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct MatcherClusterSpecifier {
        #[prost(message, optional, tag = "1")]
        pub cluster_matcher: Option<Matcher>,
    }

    /// `xds.type.matcher.v3.Matcher`
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Matcher {
        #[prost(message, optional, tag = "2")]
        pub tree: Option<MatcherTree>,
    }

    /// `xds.type.matcher.v3.Matcher.MatcherTree`
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct MatcherTree {
        #[prost(message, optional, tag = "1")]
        pub input: Option<TypedExtensionConfig>,
        #[prost(message, optional, tag = "2")]
        pub exact_match_map: Option<MatchMap>,
    }

    /// `xds.type.matcher.v3.Matcher.MatcherTree.MatchMap`
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct MatchMap {
        #[prost(btree_map = "string, message", tag = "1")]
        pub map: BTreeMap<String, OnMatch>,
    }

    /// `xds.type.matcher.v3.Matcher.OnMatch`
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct OnMatch {
        #[prost(message, optional, tag = "2")]
        pub action: Option<TypedExtensionConfig>,
    }
}
