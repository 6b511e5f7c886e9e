//! The choice of a deployment: the filter names a cluster in filter state, Envoy goes there.
//! <https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/router/cluster_specifiers/matcher/v3/matcher.proto>

use super::pb;
use crate::catalog::Catalog;
use prost::{Message, Name};

/// What routes call the choice.
pub const PLUGIN: &str = "target";
/// Filter state in which the filter names the cluster of the next attempt.
const STATE: &str = "wasm.tianji.target";

/// One hash look-up, however many deployments there are; absent without any, for Envoy refuses an empty matcher.
pub fn plugin(catalog: &Catalog) -> Option<pb::route::ClusterSpecifierPlugin> {
    if catalog.models.is_empty() {
        return None;
    }
    let clusters = catalog.models.iter().map(|model| model.deployment.cluster.clone());
    let map = clusters.map(|cluster| (cluster.clone(), on_match(cluster))).collect();
    let input = pb::inputs::FilterStateInput { key: STATE.into(), ..Default::default() };
    let tree = ordered::MatcherTree {
        input: Some(pb::extension("state", input)),
        exact_match_map: Some(ordered::MatchMap { map }),
    };
    let specifier =
        ordered::MatcherClusterSpecifier { cluster_matcher: Some(ordered::Matcher { tree: Some(tree) }) };
    let typed_config = pb::Any {
        type_url: pb::cluster_matcher::MatcherClusterSpecifier::type_url(),
        value: specifier.encode_to_vec(),
    };
    let extension = pb::core::TypedExtensionConfig { name: PLUGIN.into(), typed_config: Some(typed_config) };
    Some(pb::route::ClusterSpecifierPlugin { extension: Some(extension), ..Default::default() })
}

fn on_match(cluster: String) -> ordered::OnMatch {
    let action = pb::cluster_matcher::ClusterAction { cluster };
    ordered::OnMatch { action: Some(pb::extension("cluster", action)) }
}

/// The clusters a choice is between.
pub fn clusters(plugin: pb::route::ClusterSpecifierPlugin) -> Vec<String> {
    let config = plugin.extension.and_then(|extension| extension.typed_config).unwrap_or_default();
    let specifier = ordered::MatcherClusterSpecifier::decode(&*config.value).unwrap_or_default();
    let tree = specifier.cluster_matcher.and_then(|matcher| matcher.tree);
    tree.and_then(|tree| tree.exact_match_map).unwrap_or_default().map.into_keys().collect()
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
