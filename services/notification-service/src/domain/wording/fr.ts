import type { Wording } from './wording.js';

export const fr: Wording = {
  hello: (name) => (name ? `Bonjour ${name},` : 'Bonjour,'),
  goods: ['Article', 'Qté', 'Montant'],
  more: (count) => `et ${count} autres`,
  sums: {
    subtotal: 'Sous-total',
    discount: 'Remise',
    shipping: 'Livraison',
    tax: 'Taxes',
    total: 'Total',
  },
  labels: {
    order: 'Commande',
    return: 'Retour',
    shippingAddress: 'Adresse de livraison',
    returnAddress: 'Envoyez le colis à',
    carrier: 'Transporteur',
    trackingNumber: 'Numéro de suivi',
    refund: 'Remboursement',
    paidBy: 'Versement',
    pickup: 'Enlèvement',
    track: 'Suivre le colis',
  },
  paidBy: {
    original: 'sur la carte ou le compte utilisé pour le paiement',
    store_credit: 'sous forme d’avoir',
    manual: 'séparément, comme convenu avec vous',
  },
  footer: {
    order: (shop, number) => `${shop} vous écrit au sujet de votre commande ${number}.`,
    staff: 'Pour l’équipe\u00a0: envoyé parce que rien n’avance ici sans vous.',
  },
  unsubscribe: 'Recevoir moins de messages de ce genre',

  confirmed: ({ number }) => ({
    subject: `Votre commande ${number} est confirmée`,
    preview: 'Merci. Nous la préparons.',
    heading: 'Merci pour votre commande',
    text: [
      `Votre commande ${number} est confirmée et nous la préparons. Nous vous écrirons dès son expédition.`,
    ],
  }),
  shipped: ({ number, complete, carrier }) => ({
    subject: complete
      ? `Votre commande ${number} est en route`
      : `Une partie de votre commande ${number} est en route`,
    preview: carrier ? `Votre colis a été confié à ${carrier}.` : 'Votre colis a été expédié.',
    heading: 'Votre colis est en route',
    text: [
      carrier
        ? `Un colis contenant ces articles a été confié à ${carrier}.`
        : 'Un colis contenant ces articles a été expédié.',
      ...(complete ? [] : ['Le reste de votre commande suivra dans un autre colis.']),
    ],
  }),
  delivered: ({ number }) => ({
    subject: `Votre commande ${number} est arrivée`,
    preview: 'Tout a été livré.',
    heading: 'Votre commande est arrivée',
    text: [
      `Votre commande ${number} a été entièrement livrée. Nous espérons qu’elle vous plaît.`,
      'Si quelque chose ne va pas, vous pouvez nous le retourner.',
    ],
  }),
  cancelled: ({ number, why, paid }) => ({
    subject: `Votre commande ${number} est annulée`,
    preview: paid ? 'Votre paiement vous sera rendu.' : 'Rien n’a été prélevé.',
    heading: 'Votre commande est annulée',
    text: [
      {
        declined: `Le paiement de votre commande ${number} a été refusé\u00a0; nous avons dû l’annuler.`,
        late: `Le paiement de votre commande ${number} n’est pas arrivé à temps\u00a0; nous avons dû l’annuler.`,
        asked: `Votre commande ${number} est annulée.`,
      }[why],
      paid
        ? 'Votre paiement vous est rendu par le même moyen. Les banques demandent quelques jours.'
        : 'Rien n’a été prélevé.',
    ],
  }),
  paymentFailed: ({ number, amount }) => ({
    subject: `Votre paiement pour la commande ${number} a été refusé`,
    preview: `${amount} n’ont pas pu être prélevés.`,
    heading: 'Votre paiement a été refusé',
    text: [
      `Votre banque ou l’émetteur de votre carte a refusé le paiement de ${amount} pour votre commande ${number}. Rien n’a été prélevé.`,
      'Vous pouvez commander à nouveau avec une autre carte, ou demander la raison à votre banque.',
    ],
  }),
  returnInitiated: ({ number, order }) => ({
    subject: `Nous avons reçu votre demande de retour ${number}`,
    preview: 'Nous l’examinons et vous écrirons bientôt.',
    heading: 'Votre demande est bien arrivée',
    text: [
      `Vous souhaitez retourner des articles de votre commande ${order}. Nous examinons votre demande et vous écrirons bientôt.`,
      'Gardez les articles jusque-là.',
    ],
  }),
  returnApproved: ({ number, pickup }) => ({
    subject: `Votre retour ${number} est accepté`,
    preview: 'Voici la marche à suivre.',
    heading: 'Votre retour est accepté',
    text: ['Voici la marche à suivre\u00a0:'],
    steps: [
      'Emballez bien ces articles, si possible dans leur boîte d’origine.',
      `Écrivez ${number} sur le colis.`,
      pickup ? `Remettez le colis le ${pickup}.` : 'Envoyez-nous le colis et gardez le reçu comme preuve.',
      'Dès leur arrivée, nous examinons les articles et vous remboursons.',
    ],
  }),
  returnRejected: ({ number, reason }) => ({
    subject: `Votre retour ${number} n’a pas été accepté`,
    preview: 'Pourquoi, et que faire.',
    heading: 'Nous ne pouvons pas reprendre ces articles',
    text: [
      reason
        ? `Nous avons examiné votre retour ${number} et ne pouvons pas l’accepter\u00a0: ${reason}`
        : `Nous avons examiné votre retour ${number} et ne pouvons pas l’accepter.`,
      'Si vous n’êtes pas d’accord, répondez à ce message. Une personne l’examinera de nouveau.',
    ],
  }),
  returnReceived: ({ number }) => ({
    subject: `Votre retour ${number} est arrivé chez nous`,
    preview: 'Nous examinons les articles.',
    heading: 'Votre colis est arrivé',
    text: [
      `Nous examinons les articles de votre retour ${number} et vous écrirons au sujet du remboursement.`,
    ],
  }),
  refunded: ({ number, amount, method }) => ({
    subject: `Votre remboursement de ${amount} est en route`,
    preview: `Le remboursement de votre retour ${number}.`,
    heading: 'Votre remboursement est en route',
    text: [
      `Nous vous avons remboursé ${amount} pour votre retour ${number}.`,
      ...(method === 'original'
        ? ['Les banques demandent quelques jours avant que vous le voyiez sur votre relevé.']
        : []),
    ],
  }),
  closed: ({ number }) => ({
    subject: `Votre retour ${number} est clos`,
    preview: 'Il n’y a rien à rembourser.',
    heading: 'Votre retour est clos',
    text: [`Nous avons examiné les articles de votre retour ${number}. Il n’y a rien à rembourser.`],
  }),
  refundFailed: ({ number, order, amount, code }) => ({
    subject: `Le remboursement du retour ${number} a échoué`,
    preview: `${amount} n’ont pas pu être versés.`,
    heading: 'Un remboursement attend une personne',
    text: [
      `${amount} pour le retour ${number} de la commande ${order} n’ont pas pu être versés (${code}).`,
      'Réessayez, payez autrement ou clôturez le dossier.',
    ],
  }),
};
